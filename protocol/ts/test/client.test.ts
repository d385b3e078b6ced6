// The player's way, against a fake server and with a fake clock.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../src/index.ts';
import { settle } from './fakes.ts';
import { parseInput } from './peer.ts';
import { anew, basics, client, frame, freeze, joined, pass, server } from './scene.ts';

async function inMatch(): Promise<void> {
  client.connect();
  await settle();
  server.socket.welcome();
  server.socket.tell([-6, '', 'm1', 'pass', 'duel']);
  server.socket.tell(joined());
  server.socket.bytes(frame(0));
}

test('from the ticket to the match and back to the hall', async () => {
  await client.play('duel');
  await settle();
  const s = server.socket;
  assert.equal(s.url, 'ws://game.test/v1/socket');
  assert.equal(s.protocols[0], 'muster.v1');
  assert.match(s.protocols[1], /^bearer\.a\d+$/);
  s.welcome();
  assert.equal(client.state, 'queued');
  s.tell([-5, 'r', 0, 1, 'duel', 30, [[0, 'p1', 'Ada', true]]]);
  s.tell([-5, 'r', 1, 2, 'duel', 20, [[1, '', 'Bot', false]]]);
  assert.deepEqual(server.told('room').map((r) => [r.starts, r.seats.length]), [[30, 1], [20, 2]]);
  s.tell([-6, '', 'm1', 'pass', 'duel']);
  s.tell([-6, '', 'm1', 'pass', 'duel']); // told again: one Join
  assert.deepEqual(s.heard, [{ type: 'join', match: 'm1', pass: 'pass', epoch: 0, tick: 0 }]);
  s.tell(joined());
  assert.equal(client.state, 'playing');
  assert.deepEqual([...client.match!.roster.values()].map((r) => r.name), ['Bot', 'Ada']);
  for (let i = 0; i < basics.frames.length; i++) s.bytes(frame(i));
  assert.equal(client.match!.mirror.now.hash(), basics.frames.at(-1).hash);
  s.tell([-9, 'm1', 'finished', [[1, 1, 3], [0, 2, 1]]]);
  assert.equal(server.told('over')[0].result[0].score, 3);
  assert.equal(client.state, 'hall');
  assert.equal(client.match, undefined);
  s.bytes(frame(0)); // one that was under way: ignored
  s.tell([-6, '', 'm1', 'pass', 'duel']); // of the match that is over: ignored
  assert.equal(client.state, 'hall');
});

test('the long poll places a player whose socket hears nothing', async () => {
  await client.play('duel');
  await settle();
  server.socket.welcome();
  server.changeTicket({ state: 'placed', assignment: { url: '', match: 'm1', pass: 'pass' } });
  await settle();
  assert.equal(server.socket.heard[0].type, 'join');
});

test('a ticket that fails is told, and one is cancelled', async () => {
  await client.play('duel');
  await settle();
  server.socket.welcome();
  server.socket.tell([-5, 'r', 0, 1, 'duel', 30, []]);
  server.socket.tell([-12, 't1', 'duel', 'waiting', '']);
  assert.equal(client.state, 'queued');
  server.socket.tell([-12, 't0', 'duel', 'failed', 'no_host']); // another one
  assert.equal(client.state, 'queued');
  server.changeTicket({ state: 'failed', reason: 'no_host' });
  await settle();
  assert.equal(server.told('refused')[0].code, 'no_host');
  assert.equal(client.state, 'hall');
  server.ticket = { id: 't2', mode: 'm', state: 'waiting' };
  await client.play('duel');
  assert.equal(client.state, 'queued');
  await client.cancel();
  assert.equal(client.state, 'hall');
  assert.equal(server.requests.at(-1), 'DELETE /v1/tickets/t2');
});

test('why it waits is told, and a match is offered and accepted', async () => {
  await client.play({ mode: 'duel', pings: { eu: 20 }, props: { map: 'pit' } });
  await settle();
  server.socket.welcome();
  server.socket.tell([-12, 't1', 'duel', 'waiting', '', 2000, 100, 0, 3, 5000, 'unsuited']);
  assert.deepEqual(server.told('waiting')[0], { waited: 2000, gap: 100, ping: 0, inRange: 3, estimate: 5000, why: 'unsuited' });
  server.socket.tell([-25, 't0', 'duel', 20000, 2, 0, false]); // of another ticket
  server.socket.tell([-25, 't1', 'duel', 20000, 2, 0, false]);
  assert.deepEqual(server.told('offer'), [{ left: 20000, players: 2, accepted: 0, you: false }]);
  await client.accept(true);
  assert.equal(server.requests.at(-1), 'POST /v1/tickets/t1/accept');
  server.changeTicket({ state: 'offered', offer: { left_ms: 9000, players: 2, accepted: 1, you: true } });
  await settle();
  assert.deepEqual(server.told('offer').at(-1), { left: 9000, players: 2, accepted: 1, you: true });
  await client.accept(false);
  assert.equal(server.requests.at(-1), 'POST /v1/tickets/t1/decline');
  server.socket.tell([-12, 't1', 'duel', 'cancelled', 'declined']);
  assert.equal(server.told('refused')[0].code, 'declined');
  assert.equal(client.state, 'hall');
});

test('a ticket of before gives way', async () => {
  server.answers = [[409, { code: 'ticket_exists', ticket: 't0' }]];
  await client.play('duel');
  assert.deepEqual(server.requests.slice(1, 4), ['POST /v1/tickets', 'DELETE /v1/tickets/t0', 'POST /v1/tickets']);
});

test('an assignment elsewhere is joined there', async () => {
  await client.play('duel');
  await settle();
  server.socket.welcome();
  server.socket.tell([-6, 'ws://other.test/v1/socket', 'm1', 'pass', 'duel']);
  await settle();
  assert.equal(server.socket.url, 'ws://other.test/v1/socket');
  server.socket.welcome();
  assert.equal(server.socket.heard[0].type, 'join');
});

test('inputs go out at the rate of the match, steered by slack', async () => {
  await inMatch();
  client.match!.sample = (values) => { values[0] = 5; values[1] = 9; }; // beyond bounds: clamped
  await pass(3000);
  const inputs = server.socket.inputs.map((b) => parseInput(b, basics.schema.inputs));
  assert.ok(Math.abs(inputs.length - 90) <= 2, `${inputs.length} inputs in 3 s`);
  assert.deepEqual(inputs.slice(0, 3).map((i) => i.seq), [1, 2, 3]);
  assert.equal(inputs[130]?.seq ?? inputs[2].seq, 3);
  assert.deepEqual([...inputs[9].values as number[]], [1, 7]);
  assert.equal(inputs[9].ack, 5);
  assert.equal(inputs.at(-1)!.hold, 127);
});

test('frames are acked without a render loop or an input', async () => {
  await inMatch();
  client.match!.stop(); // as a browser stops the timers of a hidden tab
  server.socket.sent.length = 0;
  for (let i = 0; i < 5; i++) {
    freeze(450);
    server.socket.bytes(frame(0));
  }
  assert.equal(server.socket.heard.filter((m) => m.type === 'ack').length, 5);
});

test('a lost connection is made again and the seat resumed', async () => {
  await inMatch();
  const first = server.socket, match = client.match;
  first.end(1006);
  assert.equal(client.state, 'connecting');
  assert.equal(server.told('goodbye')[0].again, 250); // half of .5 s
  assert.equal(client.match, match, 'what was seen last stays to be shown');
  await pass(260, 10);
  assert.equal(server.sockets.length, 2);
  server.socket.welcome();
  assert.deepEqual(server.socket.heard[0], { type: 'join', match: 'm1', pass: '', epoch: 1, tick: 5 });
  server.socket.tell(joined());
  server.socket.bytes(frame(0));
  assert.equal(client.state, 'playing');
  assert.equal(client.stats.reconnects, 1);
  first.onmessage?.({ data: new Uint8Array([0x92, 0xfc, 1]).buffer }); // a ghost: ignored
});

test('lost between Join and Joined: resume, and the pass if that is refused', async () => {
  client.connect();
  await settle();
  server.socket.welcome();
  server.socket.tell([-6, '', 'm1', 'pass', 'duel']);
  server.socket.end(1006);
  await pass(300, 10);
  server.socket.welcome();
  server.socket.tell([-2, 'seat_not_yours', 'No seat.']);
  assert.deepEqual(server.socket.heard.map((m) => m.type === 'join' && m.pass), ['', 'pass']);
  server.socket.tell([-2, 'pass_used', 'Used.']);
  assert.equal(server.told('refused')[0].code, 'pass_used');
  assert.equal(client.state, 'hall');
});

test('the server is told the version of the client, with each request and on the socket', async () => {
  const said: (string | null)[] = [];
  const http: typeof fetch = (url, init) => {
    said.push(new Headers(init?.headers).get('Muster-Client'));
    return server.http(url as string, init);
  };
  await anew(await Session.guest('http://game.test', 'Ada', { http, version: '1.4.2' }));
  await client.play('m');
  assert.deepEqual([said.length >= 2, ...new Set(said)], [true, '1.4.2']);
  assert.equal(server.socket.protocols[2], 'client.1.4.2');
  server.socket.end(4016, 'update required');
  assert.equal(server.told('goodbye')[0].again, undefined, 'it does not come back by itself');
});

test('a page that was loaded anew is the same player and takes its seat up again', async () => {
  await inMatch();
  assert.deepEqual(client.place, { match: 'm1', url: '' });
  const saved = JSON.parse(JSON.stringify(client.session.saved())), place = client.place!;
  const logins = server.requests.length;
  client.close();
  assert.equal(client.place, undefined);
  await anew(server.restore(saved));
  client.resume(place.match, place.url);
  await settle();
  assert.equal(server.requests.length, logins, 'the tokens are still good: no login');
  assert.deepEqual(server.socket.protocols, ['muster.v1', `bearer.${saved.access}`]);
  server.socket.welcome();
  assert.deepEqual(server.socket.heard, [{ type: 'join', match: 'm1', pass: '', epoch: 0, tick: 0 }]);
  server.socket.tell(joined());
  server.socket.bytes(frame(0));
  assert.equal(client.state, 'playing');
  assert.equal(client.match!.seat, 1);
});

test('a match that is gone after a reload is refused, and the client stands in the hall', async () => {
  client.resume('m0');
  await settle();
  server.socket.welcome();
  server.socket.tell([-2, 'match_not_found', 'No match.']);
  assert.deepEqual([client.state, client.place, server.told('refused')[0].code], ['hall', undefined, 'match_not_found']);
});

test('what is saved follows the tokens', async () => {
  const session = await server.login();
  let told = 0;
  session.changed = () => { told++; };
  const before = session.saved();
  await session.renew();
  assert.equal(told, 1);
  assert.notEqual(session.saved().access, before.access);
});

test('waits grow, all of it random, and a reason that says no ends it', async () => {
  client.connect();
  await settle();
  for (let i = 0; i < 7; i++) {
    server.socket.end(1006);
    await pass(5000, 100);
  }
  assert.deepEqual(server.told('goodbye').map((g) => g.again), [250, 500, 1000, 2000, 4000, 5000, 5000]);
  server.socket.welcome();
  server.socket.tell([-3, 4001, 'replaced', false]);
  server.socket.end(4001, 'replaced');
  assert.deepEqual(server.told('goodbye').at(-1), { code: 4001, text: 'replaced', comeBack: false });
  assert.equal(client.state, 'closed');
});

test('a session that ran out is renewed before coming back', async () => {
  client.connect();
  await settle();
  server.socket.welcome();
  server.socket.end(4005, 'session expired');
  await pass(300, 10);
  assert.ok(server.requests.includes('POST /v1/login/refresh'));
  assert.equal(server.sockets.length, 2);
});

test('a server that forgot us knows us as a new guest', async () => {
  const session = await server.login();
  server.answers = [[401, { code: 'token_invalid' }], [401, { code: 'token_invalid' }]];
  await session.createTicket('arena-ffa');
  assert.deepEqual(server.requests.slice(-4), ['POST /v1/tickets', 'POST /v1/login/refresh', 'POST /v1/login/guest', 'POST /v1/tickets']);
});

test('a wrong hash is reported and mended by a new connection', async () => {
  await inMatch();
  const hashed = basics.frames.findIndex((f: any) => f.head.hash !== null);
  for (let i = 1; i < hashed; i++) server.socket.bytes(frame(i));
  client.match!.mirror.now.cells[0] ^= 1;
  server.socket.bytes(frame(hashed));
  assert.equal(server.told('desync').length, 1);
  assert.equal(client.stats.desyncs, 1);
  assert.equal(client.state, 'connecting');
});

test('a silent server is left', async () => {
  await inMatch();
  await pass(9500, 100);
  assert.equal(server.told('goodbye')[0].text, 'connection lost');
});

test('garbage ends the connection, and a type of tomorrow does not', async () => {
  client.connect();
  await settle();
  server.socket.welcome();
  server.socket.tell([-30, 'tomorrow']);
  assert.equal(client.state, 'hall');
  server.socket.bytes(new Uint8Array([0x92, 0xff, 0x07]));
  assert.equal(client.state, 'connecting');
});
