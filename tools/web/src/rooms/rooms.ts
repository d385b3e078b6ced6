import { Channel, type Client, type Mode } from '@muster/client';
import type { About } from '../ui/person.ts';
import { problem } from '../ui/problems.ts';
import { Desk } from './desk.ts';
import { RoomsDialog } from './list.ts';
import { MadeRoomScreen } from './screen.ts';
import { Settings } from './settings.ts';
import { LEFT, refusal } from './words.ts';

/** What rooms want of the page. */
export interface Around {
  /** The connection, of a guest if nobody plays here. */
  enter(): Promise<Client>;
  modes(): Mode[];
  client(): Client | undefined;
  /** We have come into a room, are out of one, or it has changed. */
  changed(): void;
  /** Something to tell wherever one stands. */
  tell(text: string): void;
  /** Shows somebody. */
  about(who: About): void;
  ticked(): void;
}

/** Rooms that players make: to find one, to make one, and to be in it. */
export class Rooms {
  readonly screen: MadeRoomScreen;
  private readonly desk: Desk;
  private readonly list: RoomsDialog;
  private readonly settings: Settings;

  constructor(private readonly around: Around) {
    this.desk = new Desk(() => around.enter());
    this.settings = new Settings(this.desk);
    this.list = new RoomsDialog(this.desk, () => this.settings.create(around.modes(), ''));
    this.screen = new MadeRoomScreen({
      desk: this.desk, leave: () => around.client()?.leave(), about: around.about, change: () => this.settings.change(around.modes(), around.client()!.made), ticked: around.ticked,
    }, around.client);
  }

  browse(): void {
    this.list.browse(this.around.modes());
  }

  connected(client: Client): void {
    client.on('made', () => { if (this.around.client() === client) this.made(client); });
    client.on('roomLeft', (l) => { if (LEFT[l.why]) this.around.tell(LEFT[l.why]); });
    client.on('chat', (c) => { if (c.channel === Channel.room) this.screen.chat.add(c); });
    client.on('notice', (n) => { if (n.code === 'no_host') this.screen.say(refusal(n.code), true); });
  }

  /** Whether we are in a room. */
  get within(): boolean {
    return (this.around.client()?.made.code ?? '') !== '';
  }

  /** Shows the room as it is. */
  draw(): void {
    const client = this.around.client();
    if (!client?.made.head) return;
    this.screen.update(client.made, this.around.modes().find((m) => m.name === client.made.head!.mode), client.session.player.id);
  }

  /** Into the room of a link. */
  async join(code: string): Promise<void> {
    try {
      const refused = await this.desk.join(code);
      if (refused === 'password_wrong') this.list.ask(code, 'This room wants a password.');
      else if (refused !== '') this.around.tell(refusal(refused));
    } catch (e) {
      this.around.tell(problem(e));
    }
  }

  private made(client: Client): void {
    const hash = client.made.code === '' ? '' : `#room=${client.made.code}`;
    if (location.hash !== hash) history.replaceState(null, '', location.pathname + hash); // a link to share, and the way back after a reload
    if (hash === '') this.screen.chat.clear();
    this.around.changed();
  }
}
