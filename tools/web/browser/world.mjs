// A page in a real browser, against a real server, for the tests beside it.
//
//   npm run browser          starts a server of its own with `go`
//   MUSTER_URL=http://…      uses one that runs
//   CHROMIUM=/path           another browser; SHOTS=dir  where pictures go
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startAsking } from './asking.mjs';

const repo = fileURLToPath(new URL('../../../', import.meta.url));
const shots = process.env.SHOTS ?? fileURLToPath(new URL('../shots/', import.meta.url));
const binary = process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const scratch = mkdtempSync(join(tmpdir(), 'muster-browser-'));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--mute-audio'];

/** How long anything may take, in ms: it tells a page that hangs from one on a busy machine, and says nothing of speed. */
export const PATIENCE = 120_000;

/** What pages complained about, unless a test asked for it. */
export const complaints = [];
export let url = process.env.MUSTER_URL, browser, page;
let server, other, process_;

/** Resolves with what a child's output says, by a pattern. */
function said(child, stream, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (d) => {
      text += d;
      const m = text.match(pattern);
      if (m) resolve(m[1]);
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

const bin = join(scratch, 'muster');
const build = () => execFileSync('go', ['build', '-o', bin, './cmd/muster'], { cwd: repo, stdio: 'inherit' });

/** @param addr with the port of one before it, to be its successor */
export async function startServer(addr = '127.0.0.1:0') {
  server = spawn(bin, ['-addr', addr, '-data', ':memory:', '-log', 'error', '-drain', '1s'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return said(server, server.stdout, /listening on (\S+)/);
}

/** The server of testdata/asking, started by the first test that wants it. */
export const asking = async () => other ??= await startAsking(repo, scratch);

/** Ends the server that this test has started, and waits until it is gone. */
export async function stopServer(signal) {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await gone;
}

// The browser is started by hand and joined without Playwright's defaults:
// those keep a page "visible" when its tab is not.
async function startBrowser() {
  process_ = spawn(binary, [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${join(scratch, 'profile')}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  browser = await chromium.connectOverCDP(await said(process_, process_.stderr, /(ws:\/\/\S+)/), { noDefaults: true });
}

/** @param to where complaints go: a test that asks for trouble brings a list of its own */
export async function open(path, { width = 1280, height = 720, phone = false, to = complaints, modes } = {}) {
  const p = await browser.contexts()[0].newPage();
  p.hold = async (width, height) => {
    const cdp = await p.context().newCDPSession(p);
    await cdp.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: phone });
    if (phone) await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  };
  p.setDefaultTimeout(PATIENCE);
  await p.hold(width, height);
  p.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') to.push(`${m.text()} ${m.location().url}`); });
  p.on('pageerror', (e) => complaints.push(String(e)));
  if (modes) await p.route('**/v1/modes', (route) => route.fulfill({ json: { modes } }));
  await p.goto(new URL(path, url).href);
  return p;
}

/** Another player: each tab is one. Only the one in front can be clicked. */
export async function guest(name, path = '/') {
  const p = await open(path);
  await p.fill('#name', name);
  return p;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const shot = (name, p = page) => p.screenshot({ path: join(shots, `${name}.png`) });
export const view = (p = page) => p.evaluate(() => {
  const { screen, state, match, tick, seat, me, others, stats } = window.muster;
  return { screen, state, match, tick, seat, me, others, stats, hidden: document.hidden };
});
export const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Asks again until it holds. */
export async function until(what, holds, p = page) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) if (await holds()) return;
  await shot('failed', p);
  assert.fail(`after ${PATIENCE / 1000} s still not: ${what}\n${JSON.stringify(await view(p))}\n${await p.innerText('body')}\n${complaints.join('\n')}`);
}

export const alive = () => until('alive', async () => { const v = await view(); return v.me && !v.me.dead; });
export const onScreen = (name, p = page) => until(`the screen: ${name}`, async () => (await view(p)).screen === name, p);
export const banner = (p = page) => p.locator('.banner:visible');

/** The places of what is seen of these, as [name, box]. */
export async function boxes(p, ...names) {
  const all = await Promise.all(names.map(async (n) => [n, await p.locator(n).first().boundingBox()]));
  return all.filter(([, b]) => b);
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Nobody has to scroll sideways, neither the page nor a screen or window of it. */
export async function assertFits(p, what) {
  const wide = await p.evaluate(() => [document.documentElement, ...document.querySelectorAll('.screen, dialog[open]')]
    .filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.className || e.tagName}: ${e.scrollWidth} of ${e.clientWidth}`));
  assert.deepEqual(wide, [], what);
}

/** Nothing lies on another, and all of it is on the screen. */
export function assertApart(list, width, height) {
  for (const [i, [name, box]] of list.entries()) {
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height,
      `${name} is cut off at ${width}x${height}: ${JSON.stringify(box)}`);
    for (const [other, there] of list.slice(i + 1)) {
      assert.ok(!overlap(box, there), `${name} and ${other} overlap at ${width}x${height}: ${JSON.stringify([box, there])}`);
    }
  }
}

before(async () => {
  assert.ok(binary, 'no Chromium; set CHROMIUM');
  mkdirSync(shots, { recursive: true });
  if (!url) build();
  url ??= await startServer();
  await startBrowser();
  page = await open('/');
}, { timeout: 5 * PATIENCE });

after(async () => {
  await browser?.close().catch(() => {});
  process_?.kill('SIGKILL');
  other?.close();
  server?.kill('SIGTERM');
  await sleep(300);
  server?.kill('SIGKILL');
  await removed(scratch);
});

/** The browser's own children live a moment longer than it, and write meanwhile. */
async function removed(dir) {
  for (const end = Date.now() + PATIENCE; ; await sleep(100)) {
    try {
      return rmSync(dir, { recursive: true, force: true });
    } catch (e) {
      if (Date.now() > end) throw e;
    }
  }
}
