// Watching a match without a seat.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './fakes.ts';
import { client, frame, pass, server, watching } from './scene.ts';

const place = (pass: string): [number, unknown] => [200, { url: 'ws://game.test/v1/socket', match: 'm1', pass, delay_seconds: 2 }];

test('who watches says nothing but acks, and is told how many do', async () => {
  server.answers = [place('seatless')];
  await client.watch('m1');
  await settle();
  server.socket.welcome();
  assert.deepEqual(server.socket.heard, [{ type: 'join', match: 'm1', pass: 'seatless', epoch: 0, tick: 0 }]);
  server.socket.tell(watching);
  server.socket.tell([-21, 7]);
  await pass(2000, 5);
  server.socket.bytes(frame(0));
  await pass(2000, 5);
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
  server.socket.tell(watching);
  server.socket.bytes(frame(0));
  const tick = client.match!.mirror.now.tick;
  server.socket.end(1006);
  await pass(500, 5);
  server.answers = [place('two')];
  server.socket.welcome();
  await settle();
  assert.deepEqual(server.socket.heard.at(-1), { type: 'join', match: 'm1', pass: 'two', epoch: client.match!.mirror.epoch, tick });
  server.socket.tell(watching);
  server.socket.end(1006);
  await pass(1500, 5);
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
  server.socket.tell(watching);
  client.match!.follow(3);
  assert.deepEqual(server.socket.heard.at(-1), { type: 'follow', seat: 3 });
  server.socket.bytes(frame(0));
  server.socket.end(1006);
  await pass(500, 5);
  server.answers = [place('two')];
  server.socket.welcome();
  await settle();
  server.socket.tell(watching);
  assert.deepEqual(server.socket.heard.at(-1), { type: 'follow', seat: 3 });
  server.socket.tell([-9, 'm1', 'left', []]);
  server.answers = [[200, { url: 'ws://game.test/v1/socket', match: 'm2', pass: 'three', delay_seconds: 2 }]];
  await client.watch('m2');
  await settle();
  server.socket.tell([-7, 'm2', ...watching.slice(2)]);
  assert.equal(client.match!.followed, -1);
  assert.equal(server.socket.heard.at(-1)!.type, 'join');
});

test('who may not watch is told so, and stands where they stood', async () => {
  server.answers = [[403, { status: 403, code: 'watch_forbidden', title: 'x', detail: 'x' }]];
  await assert.rejects(client.watch('m1'), /x/);
  assert.equal(client.state, 'closed');
});
