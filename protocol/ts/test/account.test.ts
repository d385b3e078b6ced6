// What becomes of a player's account, and of connections whose login has ended.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { account, BANNED, type Client, deleteAccount, LOGGED_OUT, rename } from '../src/index.ts';
import { FakeServer, settle } from './fakes.ts';

let server: FakeServer, client: Client;

beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  server = new FakeServer();
  client = await server.client(() => 1000);
});

afterEach(() => {
  client.close();
  mock.timers.reset();
});

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
