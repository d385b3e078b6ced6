// Party, friends, chat and mail, against a fake server.

import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { type MailNotice, MailReader, Tie } from '../src/index.ts';
import { settle } from './fakes.ts';
import { client, server } from './scene.ts';

beforeEach(async () => {
  client.connect();
  await settle();
  server.socket.welcome();
});

test('the newest party, friends, and what is said', () => {
  const s = server.socket, told: unknown[] = [];
  client.on('party', (p) => told.push(p.revision));
  client.on('people', (p) => told.push(p.map((x) => x.player).join()));
  client.on('chat', (c) => told.push(c.refused || c.text));
  const party = (revision: number, id: string) => [-14, revision, id, 'p1', 8, '', '', [['p1', 'Ada', true]], [], []];
  s.tell(party(3, 'a'));
  s.tell(party(5, 'b'));
  s.tell(party(4, 'c'));
  assert.equal(client.company.party?.id, 'b');
  s.tell([-15, true, [['p2', 'Bob', 1, 1, false, ''], ['p3', 'Cyd', 3, 0, false, '']]]);
  s.tell([-15, false, [['p2', 'Bob', 1, 3, true, 'm1'], ['p3', 'Cyd', 0, 0, false, '']]]);
  assert.deepEqual([...client.company.people.values()], [{ player: 'p2', name: 'Bob', tie: Tie.friend, state: 3, joinable: true, where: 'm1' }]);
  s.tell([-16, 1, 9, 0, 'p2', 'Bob', '', 1700000000123, 'hi', '']);
  const stamps = [client.say('hello'), client.whisper('p2', 'psst')];
  assert.deepEqual(s.heard, [
    { type: 'say', channel: 1, stamp: stamps[0], to: '', text: 'hello' }, { type: 'say', channel: 2, stamp: stamps[1], to: 'p2', text: 'psst' },
  ]);
  s.tell([-16, 1, 0, stamps[0], '', '', '', 0, '', 'no_party']);
  assert.deepEqual(told, [3, 5, 'p2,p3', 'p2,p3', 'hi', 'no_party']);
});

test('a party that is queued takes its members along', async () => {
  const s = server.socket, offers: number[] = [];
  client.on('offer', (o) => offers.push(o.accepted));
  const party = (revision: number, ticket: string) => [-14, revision, 'a', 'p9', 8, ticket && 'm', ticket, [['p9', 'Bob', true], ['p1', 'Ada', true]], [], []];
  s.tell(party(1, 't9'));
  assert.equal(client.state, 'queued');
  s.tell([-25, 't9', 'm', 9000, 4, 1, false]);
  assert.deepEqual(offers, [1]);
  await client.accept(true);
  assert.equal(server.requests.at(-1), 'POST /v1/tickets/t9/accept');
  await client.cancel(); // it is not for a member
  assert.equal(server.requests.at(-1), 'POST /v1/tickets/t9/accept');
  s.tell(party(2, ''));
  assert.equal(client.state, 'hall');
});

test('what is done about others is asked for over REST', async () => {
  void client.session.ask('PUT', '/v1/friends/p2').catch(() => {}); // the fake server knows no friends
  await settle();
  assert.equal(server.requests.at(-1), 'PUT /v1/friends/p2');
});

test('a new connection begins anew', async () => {
  server.socket.tell([-14, 900, 'a', 'p1', 8, '', '', [], [], []]);
  client.cut();
  mock.timers.tick(10_000);
  await settle();
  server.socket.welcome();
  server.socket.tell([-14, 1, '', '', 0, '', '', [], [], []]); // of a server that was started anew
  assert.equal(client.company.party?.revision, 1);
});

test('mail is shown once and acknowledged, over connections', async () => {
  const shown: number[] = [];
  client.on('mail', (n) => shown.push(n.id));
  const mail = (after: number, ...ids: number[]) => server.socket.tell([-13, after, ids.map((id) => [id, 'system', 1, 'text', ''])]);
  mail(0, 5, 6);
  mail(6, 7);
  const acks = () => server.socket.heard.filter((m) => m.type === 'mailack').map((m) => m.id);
  assert.deepEqual(acks(), [6, 7]);
  client.cut();
  mock.timers.tick(10_000);
  await settle();
  server.socket.welcome();
  mail(7, 8); // meant for the connection before
  mail(0, 5, 6, 7);
  mail(7, 8);
  assert.deepEqual(acks(), [0, 7, 8]);
  assert.deepEqual(shown, [5, 6, 7, 8]);
  assert.equal(client.mailSeen, 8);
});

// The server's notices in pieces, of which a connection that is cut has some.
function* pieces(unread: MailNotice[]): Generator<{ type: 'mail'; after: number; notices: MailNotice[] }> {
  for (let i = 0, after = 0; i < unread.length; i += 2) {
    const notices = unread.slice(i, i + 2);
    yield { type: 'mail', after, notices };
    after = notices.at(-1)!.id;
  }
}

test('a drop at every point shows each notice once', () => {
  const all = Array.from({ length: 7 }, (_, i) => ({ id: 10 + i, kind: 'system', at: 1, text: '', data: '' }));
  for (let first = 0; first <= 4; first++) for (let second = 0; second <= 4; second++) for (const heard of [true, false]) {
    const reader = new MailReader(), shown: number[] = [];
    let unread = all;
    for (const cut of [first, second, 99]) {
      reader.connected();
      let n = 0;
      for (const m of pieces(unread)) {
        if (n++ === cut) break;
        const { fresh, ack } = reader.take(m);
        shown.push(...fresh.map((f) => f.id));
        if (n < cut || heard) unread = unread.filter((x) => x.id > ack); // the last one may not have reached the server
      }
    }
    assert.deepEqual(shown, all.map((n) => n.id), `cut after ${first} and ${second}`);
    assert.deepEqual([...new Set(shown)], shown);
  }
});
