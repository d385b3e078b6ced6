// Watching a match without a seat.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { type Client } from '../src/index.ts';
import { FakeServer, settle } from './fakes.ts';
import { hex, vectors } from './vectors.ts';

const basics = vectors('frames_basics.json');
const joined = [-7, 'm1', 1, -1, 0, 'duel', 30, 5,
  [basics.schema.tables.map((t: any) => [t.name, t.capacity, t.audience, t.columns.map((c: any) => [c.name, (c.linear ? 1 : 0) | (c.tick ? 2 : 0)])]),
    basics.schema.inputs.map((f: any) => [f.name, f.min, f.max, (f.bits ? 1 : 0) | (f.keep ? 2 : 0)]),
    basics.schema.events.map((e: any) => [e.name, e.args])], [[0, 1, '', 'Bot']], 60];
const place = (pass: string): [number, unknown] => [200, { url: 'ws://game.test/v1/socket', match: 'm1', pass, delay_seconds: 2 }];

let time = 0, server: FakeServer, client: Client;

beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  time = 1000;
  server = new FakeServer();
  client = await server.client(() => time);
});

afterEach(() => {
  client.close();
  mock.timers.reset();
});

async function pass(ms: number): Promise<void> {
  for (let t = 0; t < ms; t += 5) {
    time += 5;
    mock.timers.tick(5);
    await settle();
  }
}

test('who watches says nothing but acks, and is told how many do', async () => {
  server.answers = [place('seatless')];
  await client.watch('m1');
  await settle();
  server.socket.welcome();
  assert.deepEqual(server.socket.heard, [{ type: 'join', match: 'm1', pass: 'seatless', epoch: 0, tick: 0 }]);
  server.socket.tell(joined);
  server.socket.tell([-21, 7]);
  await pass(2000);
  server.socket.bytes(hex(basics.frames[0].hex));
  await pass(2000);
  assert.equal(client.state, 'playing');
  assert.equal(client.match!.seat, -1);
  assert.equal(client.match!.joined.delay, 60);
  assert.equal(client.match!.watchers, 7);
  assert.equal(server.socket.inputs.length, 0);
  assert.equal(server.socket.heard.at(-1)!.type, 'ack');
  assert.equal(client.place, undefined);
  client.leave();
  server.socket.tell([-9, 'm1', 'left', []]);
  assert.equal(client.state, 'hall');
});

test('who watches comes back with a new pass, as far as there is one', async () => {
  server.answers = [place('one')];
  await client.watch('m1');
  await settle();
  server.socket.welcome();
  server.socket.tell(joined);
  server.socket.bytes(hex(basics.frames[0].hex));
  const tick = client.match!.mirror.now.tick;
  server.socket.end(1006);
  await pass(500);
  server.answers = [place('two')];
  server.socket.welcome();
  await settle();
  assert.deepEqual(server.socket.heard.at(-1), { type: 'join', match: 'm1', pass: 'two', epoch: client.match!.mirror.epoch, tick });
  server.socket.tell(joined);
  server.socket.end(1006);
  await pass(1500);
  server.answers = [[404, { status: 404, code: 'match_not_found', title: 'x', detail: 'x' }]];
  server.socket.welcome();
  await settle();
  assert.equal(client.state, 'hall');
  assert.equal(server.told('refused').at(-1)!.code, 'match_not_found');
});

test('a seat is followed, also after a lost connection', async () => {
  server.answers = [place('one')];
  await client.watch('m1');
  await settle();
  server.socket.welcome();
  server.socket.tell(joined);
  client.match!.follow(3);
  assert.deepEqual(server.socket.heard.at(-1), { type: 'follow', seat: 3 });
  server.socket.bytes(hex(basics.frames[0].hex));
  server.socket.end(1006);
  await pass(500);
  server.answers = [place('two')];
  server.socket.welcome();
  await settle();
  server.socket.tell(joined);
  assert.deepEqual(server.socket.heard.at(-1), { type: 'follow', seat: 3 });
  server.socket.tell([-9, 'm1', 'left', []]);
  server.answers = [[200, { url: 'ws://game.test/v1/socket', match: 'm2', pass: 'three', delay_seconds: 2 }]];
  await client.watch('m2');
  await settle();
  server.socket.tell([-7, 'm2', ...joined.slice(2)]);
  assert.equal(client.match!.followed, -1);
  assert.equal(server.socket.heard.at(-1)!.type, 'join');
});

test('who may not watch is told so, and stands where they stood', async () => {
  server.answers = [[403, { status: 403, code: 'watch_forbidden', title: 'x', detail: 'x' }]];
  await assert.rejects(client.watch('m1'), /x/);
  assert.equal(client.state, 'closed');
});
