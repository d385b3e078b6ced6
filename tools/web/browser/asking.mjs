// The server of testdata/asking for the page's tests: its duel asks each player
// first, it has an admin, and a provider of OpenID Connect sends players back to it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startProvider } from './provider.mjs';

/**
 * @param repo where it is built, and into which folder
 * @returns its url, what its admin asks of it, and what ends it
 */
export async function startAsking(repo, scratch) {
  const bin = join(scratch, 'asking'), data = join(scratch, 'data'), list = join(scratch, 'providers.json'), provider = await startProvider();
  execFileSync('go', ['build', '-o', bin, './tools/web/testdata/asking'], { cwd: repo, stdio: 'inherit' });
  const [, password] = /password (\S+)/.exec(execFileSync(bin, ['role', 'hopper', 'admin', '-data', data], { encoding: 'utf8' }));
  const url = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(list, JSON.stringify([{ name: 'example', issuer: provider.url, client_id: 'muster', redirect: `${url}/`, scopes: ['profile'] }]));
  const child = spawn(bin, ['-addr', new URL(url).host, '-data', data, '-sync=off', '-oidc', list, '-log', 'error', '-drain', '1s'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (d) => { if (String(d).includes('listening on')) resolve(); });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { url, moderate: moderator(url, password), close: () => { provider.close(); child.kill('SIGKILL'); } };
}

function freePort() {
  return new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

function moderator(url, password) {
  let token;
  const ask = async (method, path, body) => {
    const headers = { 'Content-Type': 'application/json', ...token && { Authorization: `Bearer ${token}` } };
    const res = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await res.text();
    assert.ok(res.ok, `${method} ${path}: ${res.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return async (method, path, body) => {
    token ??= (await ask('POST', '/v1/login/password', { username: 'hopper', password })).access;
    return ask(method, path, body);
  };
}
