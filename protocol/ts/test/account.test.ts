// What becomes of a player's account, and of connections whose login has ended.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { account, type ApiError, BANNED, beginLogin, deleteAccount, listProviders, LOGGED_OUT, rename, report, Session } from '../src/index.ts';
import { settle } from './fakes.ts';
import { client, server } from './scene.ts';

test('a name is changed, and tokens have the new one', async () => {
  server.answers.push([200, {}], [200, { player: { id: 'p1', name: 'Grace' }, access: 'a', refresh: 'r2', expires_in: 900 }]);
  await rename(client.session, 'Grace');
  assert.deepEqual(server.requests.slice(-2), ['PATCH /v1/account', 'POST /v1/login/refresh']);
  assert.equal(client.session.player.name, 'Grace');
});

test('an account is looked at, and deleted', async () => {
  server.answers.push([200, { id: 'p1', name: 'Ada', username: 'ada', guest: false }]);
  assert.equal((await account(client.session)).username, 'ada');
  await deleteAccount(client.session);
  assert.equal(server.requests.at(-1), 'DELETE /v1/account');
});

test('a report names a line or a player', async () => {
  server.answers.push([201, { id: 7 }]);
  assert.equal((await report(client.session, { message: 3 }, 'rude')).id, 7);
  assert.equal(server.requests.at(-1), 'POST /v1/reports');
});

test('a login at a provider begins, and ends with what comes back', async () => {
  const http = server.http, flow = { url: 'https://idp.example/?x', secret: 's', expires_in: 600 };
  server.answers.push([200, { providers: [{ name: 'idp', redirect: 'https://game.example/' }] }], [200, flow], [200, flow],
    [200, { player: { id: 'p9', name: 'Ada' }, access: 'a', refresh: 'r', expires_in: 900 }]);
  assert.equal((await listProviders('http://x', { http, game: 'main' }))[0].name, 'idp');
  assert.deepEqual(await beginLogin('http://x', 'idp', { http }), flow);
  assert.deepEqual(await client.session.link('idp'), flow);
  const session = await Session.provided('http://x', { secret: 's', state: 't', code: 'c' }, { http });
  assert.deepEqual([session.player.id, session.guest], ['p9', false]);
  assert.deepEqual(server.requests.slice(-4),
    ['GET /v1/login/oidc', 'POST /v1/login/oidc/idp', 'POST /v1/account/identities', 'POST /v1/login/oidc']);
});

test('a ban says until when and why', async () => {
  server.answers.push([403, { code: 'banned', until: '2026-12-01T10:00:00Z', reason: 'insults' }]);
  const e = await client.session.renew().then(() => undefined, (e: unknown) => e as ApiError);
  assert.deepEqual([e?.code, e?.ban], ['banned', { until: new Date('2026-12-01T10:00:00Z'), reason: 'insults' }]);
});

for (const { status, problem, guest, code } of [
  { status: 403, problem: 'banned', guest: true, code: BANNED },
  { status: 401, problem: 'token_revoked', guest: false, code: LOGGED_OUT },
]) {
  test(`a connection does not come back after ${problem}`, async () => {
    if (!guest) {
      server.answers.push([200, {}]);
      await client.session.addPassword('ada', 'analytical engine');
    }
    client.connect();
    await settle();
    server.socket.welcome();
    server.answers.push(...Array.from({ length: 9 }, (): [number, unknown] => [status, { code: problem }]));
    server.socket.end(4005); // the session has expired: log in again first
    mock.timers.tick(10_000);
    await settle();
    assert.equal(client.state, 'closed');
    const [event, reason] = server.events.at(-1)!;
    assert.deepEqual([event, (reason as { code: number; again?: number }).code, (reason as { again?: number }).again], ['goodbye', code, undefined]);
  });
}
