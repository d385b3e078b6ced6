// What a test of the client begins with: a fake server of its own, a client of
// it, and a clock that stands until the test turns it; and the match of the
// golden frames.

import { afterEach, beforeEach, mock } from 'node:test';
import { type Client, type Session } from '../src/index.ts';
import { FakeServer, settle } from './fakes.ts';
import { hex, vectors } from './vectors.ts';

export let server: FakeServer, client: Client;
let time = 0;

beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  time = 1000;
  server = new FakeServer();
  await anew();
});

afterEach(() => {
  client.close();
  mock.timers.reset();
});

/** From now on the client is another one, of a newcomer or with this session. */
export async function anew(session?: Session): Promise<void> {
  client = await server.client(() => time, session);
}

export async function pass(ms: number, step = 1): Promise<void> {
  for (let t = 0; t < ms; t += step) {
    time += step;
    mock.timers.tick(step);
    await settle();
  }
}

/** Time passes and no timer is called, as in a hidden tab. */
export function freeze(ms: number): void {
  time += ms;
}

export const basics = vectors('frames_basics.json');
export const frame = (i: number) => hex(basics.frames[i].hex);

const { tables, inputs, events } = basics.schema;
const schema = [
  tables.map((t: any) => [t.name, t.capacity, t.audience, t.columns.map((c: any) => [c.name, (c.linear ? 1 : 0) | (c.tick ? 2 : 0)])]),
  inputs.map((f: any) => [f.name, f.min, f.max, (f.bits ? 1 : 0) | (f.keep ? 2 : 0)]),
  events.map((e: any) => [e.name, e.args]),
];
const BOT = [0, 1, '', 'Bot'], ADA = [1, 2, 'p1', 'Ada'];

/** The answer to a Join: the client has seat 1. */
export const joined = (epoch = 1) => [-7, 'm1', epoch, 1, 0, 'duel', 30, 5, schema, [BOT, ADA]];
/** The answer to a watcher's Join: two seconds later than the players. */
export const watching = [-7, 'm1', 1, -1, 0, 'duel', 30, 5, schema, [BOT], 60];
