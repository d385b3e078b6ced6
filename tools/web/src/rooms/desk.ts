import { type Client, type RoomReply, type RoomWish, RoomVerb } from '@muster/client';

const ANSWERS_MS = 8000;

/** Asks for what there is to do with rooms. Each resolves with why not, a code, or "" once it is done. */
export class Desk {
  /** @param enter gives the connection, of a guest if nobody plays here */
  constructor(private readonly enter: () => Promise<Client>) {}

  async create(wish: Partial<RoomWish> & { mode: string }): Promise<string> {
    const client = await this.hall();
    return answer(client, client.createRoom(wish));
  }

  async join(code: string, password = ''): Promise<string> {
    const client = await this.hall();
    if (client.made.code === code.toUpperCase()) return '';
    return answer(client, client.joinRoom(code, password));
  }

  async do(verb: number, of: { player?: string; number?: number; text?: string; values?: number[] } = {}): Promise<string> {
    const client = await this.enter();
    return answer(client, client.doInRoom(verb, of));
  }

  /** Makes a room what is wished, where that differs. */
  async change(wish: RoomWish, was: Omit<RoomWish, 'password'>, password?: string): Promise<string> {
    const verbs: [number, { number?: number; text?: string; values?: number[] }][] = [];
    if (wish.mode !== was.mode) verbs.push([RoomVerb.mode, { text: wish.mode, values: wish.options }]);
    else if (wish.options.join() !== was.options.join()) verbs.push([RoomVerb.options, { values: wish.options }]);
    if (wish.size !== was.size || wish.mode !== was.mode) verbs.push([RoomVerb.size, { number: wish.size }]);
    if (wish.privacy !== was.privacy) verbs.push([RoomVerb.privacy, { number: wish.privacy }]);
    if (wish.title !== was.title) verbs.push([RoomVerb.title, { text: wish.title }]);
    if (password !== undefined) verbs.push([RoomVerb.password, { text: password }]);
    for (const [verb, of] of verbs) {
      const refused = await this.do(verb, of);
      if (refused !== '') return refused;
    }
    return '';
  }

  /** The connection, once it stands in the hall. */
  async hall(): Promise<Client> {
    const client = await this.enter();
    while (client.state === 'connecting') await client.once('state');
    return client;
  }
}

function answer(client: Client, stamp: number): Promise<string> {
  return new Promise((resolve) => {
    const done = (refused: string) => {
      off();
      clearTimeout(timer);
      resolve(refused);
    };
    const off = client.on('roomReply', (r: RoomReply) => { if (r.stamp === stamp) done(r.refused); });
    const timer = setTimeout(() => done('unanswered'), ANSWERS_MS);
  });
}
