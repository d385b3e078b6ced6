// Logins and their tokens, against a server that takes each refresh token once.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ApiError, Session, type Tabs } from '../src/index.ts';

/** Gives out tokens; a refresh token that comes again when its successor has come ends the login. */
class Vault {
  readonly requests: [string, Record<string, unknown>][] = [];
  /** Answers that get lost after the deed. */
  lose = 0;
  refuse?: [number, string];
  private n = 0;
  private current = '';
  private previous = '';
  ended = false;

  http = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const path = new URL(String(url)).pathname, body = JSON.parse(String(init?.body ?? '{}'));
    this.requests.push([path, body]);
    await new Promise((r) => setTimeout(r, 1)); // the network
    if (this.refuse) return Response.json({ code: this.refuse[1] }, { status: this.refuse[0] });
    if (path === '/v1/login/device/challenge') return Response.json({ nonce: 'n1' });
    if (path === '/v1/account/password') return Response.json({});
    if (!path.startsWith('/v1/login') && path !== '/v1/register') return new Response(null, { status: 204 });
    if (path === '/v1/login/refresh' && !this.rotate(body.refresh)) return Response.json({ code: 'token_revoked' }, { status: 401 });
    if (path !== '/v1/login/refresh') this.current = `r${++this.n}`;
    if (this.lose-- > 0) throw new TypeError('failed to fetch');
    return Response.json({ player: { id: 'p1', name: 'Ada' }, access: `a${this.n}`, refresh: this.current, expires_in: 900 });
  };

  private rotate(token: string): boolean {
    if (token === this.previous) return !this.ended; // within the grace
    if (token !== this.current) this.ended = true;
    if (this.ended) return false;
    [this.previous, this.current] = [token, `r${++this.n}`];
    return true;
  }

  paths = () => this.requests.map(([path]) => path);
}

/** Tabs as a browser has them: what one tells the others hear a little later, and locks are shared. */
class Browser {
  private readonly all: ((m: unknown) => void)[] = [];
  private last: Promise<unknown> = Promise.resolve();

  tab(): Tabs {
    let ours: (m: unknown) => void = () => {};
    return {
      alone: <T>(_: string, f: () => Promise<T>) => {
        const mine = this.last.then(f);
        this.last = mine.catch(() => {});
        return mine;
      },
      tell: (m) => { for (const hear of this.all) if (hear !== ours) setTimeout(() => hear(structuredClone(m)), 1); },
      hear: (f) => { this.all.push(ours = f); },
    };
  }
}

const base = 'http://game.test';

test('two tabs that hold one session renew it one after the other, and both go on', async () => {
  const vault = new Vault(), browser = new Browser();
  const first = await Session.guest(base, 'Ada', { http: vault.http, tabs: browser.tab() });
  const second = Session.restore(base, JSON.parse(JSON.stringify(first.saved())), { http: vault.http, tabs: browser.tab() });
  let kept = '';
  second.changed = () => { kept = second.saved().refresh; };
  await Promise.all([first.renew(), second.renew()]);
  assert.equal(vault.paths().filter((p) => p.endsWith('/refresh')).length, 1);
  assert.equal(first.saved().refresh, second.saved().refresh);
  assert.equal(kept, first.saved().refresh);
  for (let i = 0; i < 3; i++) {
    await first.renew();
    await second.renew();
  }
  assert.equal(vault.ended, false);
});

test('a tab that comes back with old tokens asks those that know newer ones', async () => {
  const vault = new Vault(), browser = new Browser();
  const first = await Session.guest(base, 'Ada', { http: vault.http, tabs: browser.tab() });
  const old = first.saved();
  await first.renew();
  await first.renew();
  const back = Session.restore(base, { ...old, refreshAt: 0 }, { http: vault.http, tabs: browser.tab() });
  assert.equal(await back.token(), first.saved().access);
  assert.equal(vault.ended, false);
});

test('tabs of other logins are left alone', async () => {
  const vault = new Vault(), browser = new Browser();
  const ada = await Session.guest(base, 'Ada', { http: vault.http, tabs: browser.tab() });
  const other = await Session.guest(base, 'Ada', { http: new Vault().http, tabs: browser.tab() });
  const before = other.saved();
  await ada.renew();
  assert.deepEqual(other.saved(), before);
});

test('an answer that is lost is asked for again with the same token', async () => {
  const vault = new Vault();
  const s = await Session.guest(base, 'Ada', vault.http);
  vault.lose = 1;
  await s.renew();
  assert.deepEqual(vault.requests.slice(1).map(([, b]) => b.refresh), ['r1', 'r1']);
  assert.equal(s.saved().refresh, 'r2');
});

test('a guest that is forgotten begins anew, an account and who is banned do not', async () => {
  const vault = new Vault();
  const guest = await Session.guest(base, 'Ada', vault.http);
  vault.ended = true;
  await guest.renew();
  assert.equal(vault.paths().at(-1), '/v1/login/guest');
  vault.ended = false;

  vault.refuse = [403, 'banned'];
  await assert.rejects(guest.renew(), (e: ApiError) => e.code === 'banned');
  vault.refuse = undefined;

  await guest.addPassword('ada.lovelace', 'analytical engine');
  assert.equal(guest.guest, false);
  vault.ended = true;
  await assert.rejects(Session.restore(base, guest.saved(), vault.http).renew(), (e: ApiError) => e.code === 'token_revoked');
});

test('logins say what they have to, and for which game', async () => {
  const vault = new Vault(), reach = { http: vault.http, game: 'chess' };
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  await Session.register(base, 'ada', 'analytical engine', 'Ada', reach);
  await Session.password(base, 'ada', 'analytical engine', reach);
  const s = await Session.device(base, { id: 'laptop', key }, reach);
  await s.addDevice({ id: 'laptop', key });
  await s.logout();
  await s.logoutEverywhere();
  const proof = createHmac('sha256', key).update('muster device login v1\0chess\0laptop\0n1\0').digest('base64url');
  assert.deepEqual(vault.requests, [
    ['/v1/register', { username: 'ada', password: 'analytical engine', name: 'Ada', game: 'chess' }],
    ['/v1/login/password', { username: 'ada', password: 'analytical engine', game: 'chess' }],
    ['/v1/login/device/challenge', { device: 'laptop', game: 'chess' }],
    ['/v1/login/device', { device: 'laptop', nonce: 'n1', proof, game: 'chess' }],
    ['/v1/account/devices/laptop', { key: Buffer.from(key).toString('base64url') }],
    ['/v1/logout', {}],
    ['/v1/logout/everywhere', {}],
  ]);
  assert.equal(s.guest, false);
});
