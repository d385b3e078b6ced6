// The page in a real browser, against a real server: plays against bots with
// real key presses, hides its tab, comes back, and looks at any game's page.
//
//   npm run browser          starts a server of its own with `go`
//   MUSTER_URL=http://…      uses one that runs
//   CHROMIUM=/path           another browser; SHOTS=dir  where pictures go
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const repo = fileURLToPath(new URL('../../', import.meta.url));
const shots = process.env.SHOTS ?? fileURLToPath(new URL('shots/', import.meta.url));
const binary = process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const scratch = mkdtempSync(join(tmpdir(), 'muster-browser-'));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--mute-audio'];

const complaints = [];
let url = process.env.MUSTER_URL, server, process_, browser, page;

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

async function startServer() {
  const bin = join(scratch, 'muster');
  execFileSync('go', ['build', '-o', bin, './cmd/muster'], { cwd: repo, stdio: 'inherit' });
  server = spawn(bin, ['-addr', '127.0.0.1:0', '-log', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return said(server, server.stdout, /listening on (\S+)/);
}

// The browser is started by hand and joined without Playwright's defaults:
// those keep a page "visible" when its tab is not.
async function startBrowser() {
  process_ = spawn(binary, [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${join(scratch, 'profile')}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  browser = await chromium.connectOverCDP(await said(process_, process_.stderr, /(ws:\/\/\S+)/), { noDefaults: true });
}

async function open(path, width = 1280, height = 720) {
  const p = await browser.contexts()[0].newPage();
  const cdp = await p.context().newCDPSession(p);
  await cdp.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  p.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') complaints.push(m.text()); });
  p.on('pageerror', (e) => complaints.push(String(e)));
  await p.goto(url + path);
  return p;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const shot = (name, p = page) => p.screenshot({ path: join(shots, `${name}.png`) });
const view = (p = page) => p.evaluate(() => {
  const { screen, state, tick, seat, me, others, stats } = window.muster;
  return { screen, state, tick, seat, me, others, stats, hidden: document.hidden };
});
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Asks again until it holds. */
async function until(what, seconds, holds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) if (await holds()) return;
  await shot('failed');
  assert.fail(`after ${seconds} s still not: ${what}\n${JSON.stringify(await view())}\n${complaints.join('\n')}`);
}

const alive = () => until('alive', 10, async () => { const v = await view(); return v.me && !v.me.dead; });

before(async () => {
  assert.ok(binary, 'no Chromium; set CHROMIUM');
  mkdirSync(shots, { recursive: true });
  url ??= await startServer();
  await startBrowser();
  page = await open('/');
}, { timeout: 180_000 });

after(async () => {
  await browser?.close().catch(() => {});
  process_?.kill('SIGKILL');
  server?.kill('SIGTERM');
  await sleep(300);
  server?.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

test('the menu offers the modes', async () => {
  await page.getByText('Free for all').waitFor();
  await page.getByText('Duel', { exact: true }).waitFor();
  await sleep(500);
  await shot('menu');
});

test('a newcomer plays within seconds of pressing Play', async () => {
  await page.fill('#name', '<b>Ada</b>');
  const began = Date.now();
  await page.getByRole('button', { name: 'Play' }).click();
  await page.locator('.room .seats li').first().waitFor({ timeout: 10_000 });
  await shot('room');
  assert.equal(await page.locator('.seats b').count(), 0, 'a name is text');
  await until('playing', 15, async () => (await view()).screen === 'game');
  console.log(`playing after ${Date.now() - began} ms`);
  assert.ok(Date.now() - began < 8000);
});

test('keys move the player, others move by themselves, the mouse fires', async () => {
  await alive();
  const first = await view();
  await page.mouse.move(900, 250);
  await page.mouse.down();
  let moved = 0, ammo = first.me.ammo;
  for (let i = 0; i < 12 && moved < 3; i++) {
    const key = 'dsaw'[i % 4], from = await view();
    await page.keyboard.down(key);
    await sleep(450);
    if (i === 2) await shot('play');
    await page.keyboard.up(key);
    const to = await view();
    if (!from.me.dead && !to.me.dead && to.me.hp <= from.me.hp) moved += far(from.me, to.me);
    ammo = Math.min(ammo, to.me.dead ? ammo : to.me.ammo);
  }
  await page.keyboard.press('Space');
  await page.mouse.up();
  const last = await view();
  assert.ok(moved > 1, `moved ${moved} m`);
  assert.ok(ammo < first.me.ammo, 'fired');
  const other = last.others.filter((o) => first.others.some((f) => f.seat === o.seat && far(f, o) > 1));
  assert.ok(other.length >= 1, 'others moved');
});

test('frames come steadily and agree with the server', async () => {
  await page.keyboard.press('F3');
  await page.keyboard.down('Tab');
  const before = await view();
  await sleep(4000);
  const after = await view();
  await shot('scores');
  await page.keyboard.up('Tab');
  await shot('net');
  await page.keyboard.press('F3');
  const frames = after.stats.frames - before.stats.frames;
  console.log(`${frames} frames in 4 s, ${JSON.stringify(after.stats)}`);
  assert.ok(frames > 80, `${frames} frames in 4 s`);
  assert.equal(after.stats.desyncs, 0);
});

test('a hidden tab stays connected', async () => {
  const before = await view();
  const front = await browser.contexts()[0].newPage();
  await front.bringToFront();
  await sleep(13_000); // beyond the 10 s after which a silent client is let go
  const hidden = await view();
  await front.close();
  await page.bringToFront();
  assert.equal(hidden.hidden, true, 'the tab was hidden');
  assert.equal(hidden.state, 'playing');
  assert.equal(hidden.stats.reconnects, 0);
  const frames = hidden.stats.frames - before.stats.frames;
  console.log(`hidden: ${frames} frames in 13 s`);
  assert.ok(frames > 200, `${frames} frames while hidden`);
  await alive();
  const from = await view();
  await page.keyboard.down('a');
  await until('it goes on', 5, async () => (await view()).tick > from.tick + 20);
  await page.keyboard.up('a');
  await shot('back');
});

test('one leaves and plays again without a reload', async () => {
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Leave' }).click();
  await until('the menu', 5, async () => (await view()).screen === 'menu');
  await page.getByText('Duel', { exact: true }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await until('playing again', 15, async () => (await view()).screen === 'game');
  await alive();
  await shot('duel');
});

test('any mode is shown and played from its schema', async () => {
  const debug = await open('/play/arena-ffa');
  const rows = () => debug.evaluate(() => window.muster.rows('players'));
  for (const end = Date.now() + 15_000; Date.now() < end && (await rows()).length < 2;) await sleep(100);
  const before = await rows();
  assert.ok(before.length > 1);
  await sleep(1500);
  await shot('debug', debug);
  assert.notDeepEqual(await rows(), before);
  assert.equal(await debug.evaluate(() => window.muster.desyncs), 0);
  await debug.close();
});

test('it says something sensible on a small screen', async () => {
  const small = await open('/', 390, 780);
  await small.getByText('Free for all').waitFor();
  await shot('phone', small);
  const wide = await small.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} wide`);
  await small.close();
});

test('nothing was complained about', () => assert.deepEqual(complaints, []));
