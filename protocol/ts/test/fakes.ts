// A server small enough to hold in the hand: REST answers and sockets that a
// test writes itself.

import { encode } from '@msgpack/msgpack';
import { Client, type ClientEvents, type SavedSession, Session, type Socket } from '../src/index.ts';
import { isControl } from '../src/control.ts';
import { parseClient, type ClientMessage } from './peer.ts';

export class FakeSocket implements Socket {
  binaryType = '';
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  readonly sent: Uint8Array[] = [];

  constructor(readonly url: string, readonly protocols: string[]) {}

  send(data: Uint8Array): void {
    this.sent.push(data.slice()); // as a real one, it keeps no reference
  }

  close(): void {
    this.readyState = 3;
  }

  // The server's side.

  welcome(): void {
    this.readyState = 1;
    this.onopen?.();
    this.tell([-1, 1, 'p1', 'Ada']);
  }

  tell(message: unknown[]): void {
    this.bytes(encode(message));
  }

  bytes(b: Uint8Array): void {
    this.onmessage?.({ data: b.slice().buffer });
  }

  end(code: number, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The control messages that came in, without pings. */
  get heard(): ClientMessage[] {
    return this.sent.filter((b) => isControl(b)).map(parseClient).filter((m) => m.type !== 'ping');
  }

  get inputs(): Uint8Array[] {
    return this.sent.filter((b) => !isControl(b));
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly requests: string[] = [];
  readonly events: [keyof ClientEvents, unknown][] = [];
  /** What a ticket is; tests change it. */
  ticket: Record<string, unknown> = { id: 't1', mode: 'm', state: 'waiting' };
  /** Answers to come before the usual ones, as [status, body]. */
  answers: [number, unknown][] = [];
  private readonly polls: ((ticket: unknown) => void)[] = [];

  http = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const path = new URL(String(url)).pathname;
    this.requests.push(`${init?.method} ${path}`);
    const next = this.answers.shift();
    if (next) return new Response(JSON.stringify(next[1]), { status: next[0] });
    if (path.startsWith('/v1/login')) {
      return Response.json({ player: { id: 'p1', name: 'Ada' }, access: `a${this.requests.length}`, refresh: 'r', expires_in: 3600 });
    }
    if (init?.method === 'DELETE') return new Response(null, { status: 204 });
    if (init?.method === 'POST') return Response.json(this.ticket, { status: 201 });
    if (path === '/v1/modes') return Response.json({ modes: [] });
    return new Promise((resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      this.polls.push((ticket) => resolve(Response.json(ticket)));
    });
  };

  /** Answers the long polls that wait. */
  changeTicket(change: Record<string, unknown>): void {
    Object.assign(this.ticket, change);
    for (const poll of this.polls.splice(0)) poll({ ...this.ticket });
  }

  login = () => Session.guest('http://game.test', 'Ada', this.http as typeof fetch);

  restore = (saved: SavedSession) => Session.restore('http://game.test', saved, this.http as typeof fetch);

  async client(now: () => number, session?: Session): Promise<Client> {
    const client = new Client(session ?? await this.login(), {
      dial: (url, protocols) => {
        const s = new FakeSocket(url, protocols);
        this.sockets.push(s);
        return s;
      },
      random: () => 0.5, now,
    });
    for (const name of ['state', 'joined', 'over', 'refused', 'goodbye', 'desync', 'room', 'waiting', 'offer'] as const) {
      client.on(name, (e) => this.events.push([name, e]));
    }
    return client;
  }

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1];
  }

  told<K extends keyof ClientEvents>(name: K): ClientEvents[K][] {
    return this.events.filter(([n]) => n === name).map(([, e]) => e as ClientEvents[K]);
  }
}

/** Lets what is promised happen. */
export const settle = async () => { for (let i = 0; i < 20; i++) await Promise.resolve(); };
