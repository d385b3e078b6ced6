// The page in a real browser, against a real server: plays against bots with
// real key presses, hides its tab, loads it anew, loses the server and finds it
// again, holds it like a phone, and looks at any game's page.
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
import { startAsking } from './asking.mjs';

const repo = fileURLToPath(new URL('../../', import.meta.url));
const shots = process.env.SHOTS ?? fileURLToPath(new URL('shots/', import.meta.url));
const binary = process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const scratch = mkdtempSync(join(tmpdir(), 'muster-browser-'));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--mute-audio'];

/** How long anything may take, in ms: it tells a page that hangs from one on a busy machine, and says nothing of speed. */
const PATIENCE = 120_000;

const complaints = [];
let url = process.env.MUSTER_URL, server, other, process_, browser, page;

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
async function startServer(addr = '127.0.0.1:0') {
  server = spawn(bin, ['-addr', addr, '-data', ':memory:', '-log', 'error', '-drain', '1s'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return said(server, server.stdout, /listening on (\S+)/);
}

/** The server of testdata/asking, started by the first test that wants it. */
const asking = async () => other ??= await startAsking(repo, scratch);

/** Ends the server that this test has started, and waits until it is gone. */
async function stopServer(signal) {
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
async function open(path, { width = 1280, height = 720, phone = false, to = complaints, modes } = {}) {
  const p = await browser.contexts()[0].newPage();
  p.hold = async (width, height) => {
    const cdp = await p.context().newCDPSession(p);
    await cdp.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: phone });
    if (phone) await cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  };
  p.setDefaultTimeout(PATIENCE);
  await p.hold(width, height);
  p.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') to.push(m.text()); });
  p.on('pageerror', (e) => complaints.push(String(e)));
  if (modes) await p.route('**/v1/modes', (route) => route.fulfill({ json: { modes } }));
  await p.goto(new URL(path, url).href);
  return p;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const shot = (name, p = page) => p.screenshot({ path: join(shots, `${name}.png`) });
const view = (p = page) => p.evaluate(() => {
  const { screen, state, match, tick, seat, me, others, stats } = window.muster;
  return { screen, state, match, tick, seat, me, others, stats, hidden: document.hidden };
});
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Asks again until it holds. */
async function until(what, holds, p = page) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) if (await holds()) return;
  await shot('failed', p);
  assert.fail(`after ${PATIENCE / 1000} s still not: ${what}\n${JSON.stringify(await view(p))}\n${await p.innerText('body')}\n${complaints.join('\n')}`);
}

const alive = () => until('alive', async () => { const v = await view(); return v.me && !v.me.dead; });
const onScreen = (name, p = page) => until(`the screen: ${name}`, async () => (await view(p)).screen === name, p);
const banner = (p = page) => p.locator('.banner:visible');

/** The places of what is seen of these, as [name, box]. */
async function boxes(p, ...names) {
  const all = await Promise.all(names.map(async (n) => [n, await p.locator(n).first().boundingBox()]));
  return all.filter(([, b]) => b);
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Nobody has to scroll sideways, neither the page nor a screen or window of it. */
async function assertFits(p, what) {
  const wide = await p.evaluate(() => [document.documentElement, ...document.querySelectorAll('.screen, dialog[open]')]
    .filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.className || e.tagName}: ${e.scrollWidth} of ${e.clientWidth}`));
  assert.deepEqual(wide, [], what);
}

/** Nothing lies on another, and all of it is on the screen. */
function assertApart(list, width, height) {
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
  await page.locator('.room .seats li').first().waitFor();
  await shot('room');
  assert.equal(await page.locator('.seats b').count(), 0, 'a name is text');
  assert.match(await page.innerText('.room .rest'), /^15 bots will join$/);
  await onScreen('game');
  const shown = Date.now() - began;
  // To the first step of one's own: against a wall in one direction there is another.
  await alive();
  const from = await view();
  let moved = false;
  for (let i = 0; !moved && Date.now() - began < PATIENCE; i++) {
    await page.keyboard.down('dsaw'[i % 4]);
    for (let n = 0; n < 8 && !moved; n++, await sleep(25)) moved = far(from.me, (await view()).me) > 0.3;
    await page.keyboard.up('dsaw'[i % 4]);
  }
  const took = Date.now() - began;
  console.log(`the match is shown after ${shown} ms, the first own step after ${took} ms; the goal is 6000`);
  // The goal is six seconds on a quiet machine, of which five are the lobby's own waits. It is printed for people: this machine may be busy.
  assert.ok(moved, `no step within ${took} ms`);
});

test('keys move the player, others move by themselves, the mouse fires', async () => {
  await alive();
  const first = await view();
  await page.mouse.move(900, 250);
  await page.mouse.down();
  let moved = 0, ammo = first.me.ammo;
  for (let i = 0, end = Date.now() + PATIENCE; Date.now() < end && (moved < 3 || ammo === first.me.ammo); i++) {
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
  assert.ok(moved > 1, `moved ${moved} m`);
  assert.ok(ammo < first.me.ammo, 'fired');
  await until('others have moved', async () => (await view()).others.some((o) => first.others.some((f) => f.seat === o.seat && far(f, o) > 1)));
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
  console.log(`${after.stats.frames - before.stats.frames} frames in 4 s, of 120; ${JSON.stringify(after.stats)}`);
  await until('as many as four seconds have', async () => (await view()).stats.frames >= before.stats.frames + 120);
  assert.equal((await view()).stats.desyncs, 0);
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
  console.log(`hidden: ${frames} frames in 13 s, of 390`);
  assert.ok(frames > 0, 'none came while it was hidden');
  await alive();
  const from = await view();
  await page.keyboard.down('a');
  await until('it goes on', async () => (await view()).tick > from.tick + 20);
  await page.keyboard.up('a');
  await shot('back');
});

test('a page that is loaded anew comes back to its seat and score', async () => {
  await until('a frag or a death', async () => { const v = await view(); return v.me && v.me.frags + v.me.deaths > 0; });
  const before = await view();
  await page.reload();
  await onScreen('game');
  const after = await view();
  assert.deepEqual([after.match, after.seat], [before.match, before.seat]);
  assert.ok(after.me.deaths >= before.me.deaths && after.me.frags + after.me.deaths >= before.me.frags + before.me.deaths,
    `${JSON.stringify(before.me)} became ${JSON.stringify(after.me)}`);
  assert.ok(after.tick > before.tick);
  assert.equal(after.stats.desyncs, 0);
  await alive();
  const from = await view();
  await page.keyboard.down('s');
  await until('it is steered again', async () => { const v = await view(); return v.stats.inputs > 5 && far(from.me, v.me) > 0.1; });
  await page.keyboard.up('s');
  await shot('reloaded');
});

test('Escape asks, and one may stay', async () => {
  const asked = banner().filter({ hasText: 'Leave the match?' });
  await page.keyboard.press('Escape');
  await asked.waitFor();
  await shot('ask');
  assertApart(await boxes(page, '.top', '.banner:visible'), 1280, 720);
  assert.match(await asked.evaluate((el) => getComputedStyle(el).backgroundColor), /^rgb\(/, 'one cannot see through it');
  await page.keyboard.press('Escape');
  await asked.waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await asked.waitFor();
  await page.getByRole('button', { name: 'Stay' }).click();
  await asked.waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await asked.waitFor();
  await asked.waitFor({ state: 'hidden' }); // by itself
  const v = await view();
  assert.deepEqual([v.screen, v.state], ['game', 'playing']);
});

test('one leaves and plays again without a reload', async () => {
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Leave' }).click();
  await onScreen('menu');
  // A match that is over when the page comes back to it: nothing to trouble anyone with.
  await page.evaluate(() => {
    const kept = JSON.parse(sessionStorage.getItem('muster.kept'));
    sessionStorage.setItem('muster.kept', JSON.stringify({ ...kept, place: { match: 'gone', url: '' } }));
  });
  await page.reload();
  await until('in the hall, quietly', async () => { const v = await view(); return v.screen === 'menu' && v.state === 'hall'; });
  assert.equal(await page.innerText('.menu .status'), '');
  assert.equal(await banner().count(), 0);
  await page.getByText('Duel', { exact: true }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByText('Looking for an opponent…').waitFor();
  assert.equal(await page.locator('.spinner').count(), 1);
  assert.doesNotMatch(await page.innerText('.room'), /bot/i, 'nobody has said that there are any');
  const waited = await page.innerText('.waited');
  await until('the time goes on', async () => await page.innerText('.waited') !== waited);
  assert.equal(await page.locator('.spinner').count(), 1);
  await shot('queue');
  await onScreen('game');
  await alive();
  await shot('duel');
});

test('any mode is shown and played from its schema', async () => {
  const debug = await open('/play/arena-ffa');
  const rows = () => debug.evaluate(() => window.muster.rows('players'));
  await until('rows', async () => (await rows()).length > 1, debug);
  const before = JSON.stringify(await rows());
  await until('they change', async () => JSON.stringify(await rows()) !== before, debug);
  await shot('debug', debug);
  assert.equal(await debug.evaluate(() => window.muster.desyncs), 0);
  const seat = () => debug.evaluate(() => [window.muster.match, window.muster.seat]);
  const had = await seat();
  await debug.reload();
  await until('the seat is taken up again', async () => (await rows()).length > 1, debug);
  assert.deepEqual(await seat(), had);
  const move = debug.locator('.lever').filter({ hasText: 'move' }).locator('input[type=number]');
  await debug.keyboard.press('d');
  await debug.keyboard.press('ArrowRight');
  assert.equal(await move.inputValue(), '2', 'letters and arrows steer alike');
  await debug.keyboard.press('a');
  assert.equal(await move.inputValue(), '1');
  await debug.close();
});

test('a mode that is not there is said so, and stays said', async () => {
  const lost = await open('/play/nothing', { to: [] });
  const status = lost.locator('.status');
  await until('it stops', async () => await lost.getByRole('button', { name: 'Play again' }).isVisible(), lost);
  const told = await status.innerText();
  assert.match(told, /mode/i);
  for (let i = 0; i < 20; i++, await sleep(50)) assert.equal(await status.innerText(), told);
  assert.equal((await view(lost)).state, 'closed');
  await lost.close();
});

test('where there is no page there is a way back', async () => {
  const lost = await open('/play/', { to: [] });
  await lost.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await lost.getByRole('link').click();
  await lost.getByText('Free for all').waitFor();
  await lost.close();
});

test('a server without an arena shows none', async () => {
  const plain = await open('/', { modes: [{ name: 'coins', title: 'Coins', seats: 8, hz: 20, min_players: 1 }] });
  await plain.getByText('Coins').waitFor();
  await plain.getByText('What this server plays.').waitFor();
  assert.doesNotMatch(await plain.innerText('body'), /arena|WASD/i);
  assert.equal(await plain.locator('canvas.arena').isVisible(), false);
  await shot('plain', plain);
  await plain.close();
});

test('a guest makes an account and is the same player, here and elsewhere', async () => {
  const refused = [], ada = await open('/', { to: refused });
  const dialog = ada.locator('dialog[open]'), status = dialog.locator('.status');
  await ada.evaluate(() => { localStorage.removeItem('muster.name'); sessionStorage.clear(); });
  await ada.reload();
  await ada.getByText('Free for all').waitFor();
  await ada.fill('#name', 'Countess');
  await ada.getByRole('button', { name: 'Log in' }).click();
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  const enter = async (username, password, action) => {
    await dialog.getByLabel('Username').fill(username);
    await dialog.getByLabel('Password').fill(password);
    await dialog.getByRole('button', { name: action }).last().click();
  };
  await enter('countess', 'short', 'Create account');
  await status.filter({ hasText: 'at least 8 characters' }).waitFor();
  await shot('register', ada);
  await enter('countess', 'analytical engine', 'Create account');
  await dialog.getByText('Logged in as countess').waitFor();
  await shot('account', ada);
  await ada.keyboard.press('Escape');
  await ada.locator('.chip').filter({ hasText: 'Countess' }).waitFor();
  assert.equal(await ada.locator('#name').isVisible(), false, 'an account has a name');
  const player = await ada.evaluate(() => window.muster.player);

  await ada.reload();
  await ada.locator('.chip').filter({ hasText: 'Countess' }).click();
  await dialog.getByRole('button', { name: 'Log out', exact: true }).click();
  await ada.getByRole('button', { name: 'Log in' }).click();
  await enter('countess', 'difference engine', 'Log in');
  await status.filter({ hasText: 'do not belong together' }).waitFor();
  await enter('countess', 'analytical engine', 'Log in');
  await ada.locator('.chip').filter({ hasText: 'Countess' }).waitFor();
  assert.equal(await ada.evaluate(() => window.muster.player), player);
  await until('connected', async () => (await view(ada)).state === 'hall', ada);

  // All that is kept is theirs to take, and to delete.
  await ada.evaluate(() => {
    let text;
    URL.createObjectURL = (file) => { text = file.text(); return 'blob:'; };
    HTMLAnchorElement.prototype.click = function () { window.saved = text.then((t) => ({ name: this.download, text: t })); };
  });
  await ada.locator('.chip').filter({ hasText: 'Countess' }).click();
  await dialog.getByRole('button', { name: 'Download my data' }).click();
  await until('a file', () => ada.evaluate(() => window.saved !== undefined), ada);
  const saved = await ada.evaluate(() => window.saved);
  assert.equal(saved.name, 'muster-data.json');
  assert.ok(saved.text.includes(player), saved.text);
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await shot('delete', ada);
  await dialog.getByRole('button', { name: 'Delete it for good' }).click();
  await ada.getByRole('button', { name: 'Log in' }).click();
  await enter('countess', 'analytical engine', 'Log in');
  await status.filter({ hasText: 'do not belong together' }).waitFor();
  assert.ok(refused.every((t) => /status of 40[01]/.test(t)), refused.join('\n'));
  await ada.close();
});

/** Another player: each tab is one. Only the one in front can be clicked. */
async function guest(name, path = '/') {
  const p = await open(path);
  await p.fill('#name', name);
  return p;
}

test('a search stays on the screen however late the server answers', async () => {
  const slow = await guest('Slow');
  await slow.route('**/v1/tickets', async (route) => {
    await until('all is told that a new connection is told', () => slow.evaluate(() => window.muster.party !== undefined), slow);
    await route.continue();
  });
  await slow.evaluate(() => {
    window.screens = [];
    new MutationObserver(() => window.screens.push(document.body.dataset.screen)).observe(document.body, { attributeFilter: ['data-screen'] });
  });
  await slow.locator('.mode').filter({ hasText: 'Free for all' }).click();
  await slow.getByRole('button', { name: 'Play', exact: true }).click();
  await onScreen('game', slow);
  assert.deepEqual(await slow.evaluate(() => [...new Set(window.screens)]), ['room', 'game']);
  await slow.close();
});

test('friends see each other, chat in a party and play together', async () => {
  const ada = await guest('Ada'), dialog = (p) => p.locator('dialog[open]');
  await ada.getByRole('button', { name: 'Leaderboard' }).click(); // whoever looks is a guest from then on
  await dialog(ada).getByText(/players?( |$)|Nobody has played/).waitFor();
  await shot('boards', ada);
  await ada.keyboard.press('Escape');
  await until('connected', async () => (await view(ada)).state === 'hall', ada);

  const bob = await guest('Bob', `/#friend=${await ada.evaluate(() => window.muster.player)}`);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).click();
  await dialog(ada).getByRole('button', { name: 'Accept' }).click();
  await dialog(ada).getByText('online').waitFor();
  await dialog(ada).getByRole('button', { name: 'Invite' }).click();
  await bob.bringToFront();
  await banner(bob).getByRole('button', { name: 'Join' }).click();
  await bob.getByText('leads your party').waitFor();
  assert.ok(await bob.getByRole('button', { name: 'Play', exact: true }).isDisabled(), 'the leader starts');

  await bob.getByRole('button', { name: 'Friends and party' }).click();
  await ada.bringToFront();
  await dialog(ada).getByLabel('Say something').fill('<i>hello</i>');
  await ada.keyboard.press('Enter');
  await dialog(bob).locator('.lines').getByText('<i>hello</i>').waitFor();
  await shot('party', ada);
  await ada.keyboard.press('Escape');
  await ada.locator('.mode').filter({ hasText: 'Free for all' }).click();
  await ada.getByRole('button', { name: 'Play together (2)' }).click();
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal(await dialog(bob).count(), 0, 'windows make way for the match');
  assert.equal((await view(bob)).match, (await view(ada)).match);
  await bob.close();
  await ada.close();
});

test('two meet in a room by its link, play, and are back in it', async () => {
  const ada = await guest('Ada'), dialog = (p) => p.locator('dialog[open]');
  await ada.getByRole('button', { name: 'Rooms' }).click();
  await dialog(ada).getByText('No such rooms just now').waitFor();
  await dialog(ada).getByRole('button', { name: 'Create a room' }).click();
  await dialog(ada).getByLabel('Title').fill('<b>Friday</b>');
  await dialog(ada).getByLabel('Mode').selectOption('arena-ffa');
  await dialog(ada).getByLabel('Seats').selectOption('4');
  await dialog(ada).getByLabel('Seconds of the round').fill('60');
  await dialog(ada).getByLabel('Frags that end it early').fill('1');
  await shot('room-create', ada);
  await dialog(ada).getByRole('button', { name: 'Create room' }).click();
  await onScreen('made', ada);
  assert.equal(await ada.innerText('.made h2'), '<b>Friday</b>');

  const cy = await guest('Cy');
  await cy.getByRole('button', { name: 'Rooms' }).click();
  await dialog(cy).getByText('<b>Friday</b>').waitFor();
  await dialog(cy).getByLabel('Search').fill('nothing like it');
  await dialog(cy).getByText('No such rooms just now').waitFor();

  const bob = await open(await ada.evaluate(() => location.pathname + location.hash));
  await onScreen('made', bob);
  await bob.locator('.made .say input').fill('here I am');
  await bob.keyboard.press('Enter');
  await ada.locator('.made .lines').getByText('here I am').waitFor();
  await ada.bringToFront();
  await ada.locator('.made .lines .name').click(); // to report it
  await dialog(ada).locator('blockquote').getByText('here I am').waitFor();
  await ada.keyboard.press('Escape');
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Start' }).click();
  await ada.locator('.made .status.bad').filter({ hasText: 'Not everybody is ready' }).waitFor();
  await ada.getByRole('button', { name: 'Add a bot to seat 3' }).click();
  await ada.getByRole('button', { name: 'Remove the bot of seat 3' }).waitFor();
  await bob.bringToFront();
  await bob.getByRole('button', { name: 'Ready', exact: true }).click();
  await ada.bringToFront();
  await ada.locator('.made .people').getByText('ready', { exact: true }).waitFor();
  await shot('made', ada);
  await ada.getByRole('button', { name: 'Start' }).click();
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal((await view(bob)).match, (await view(ada)).match);
  await shot('made-game', ada);

  await onScreen('result', ada);
  await shot('made-result', ada);
  await ada.locator('.places .name').click();
  await dialog(ada).getByRole('button', { name: 'Report' }).click();
  await shot('result-report', ada);
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'Back to the room' }).click();
  await onScreen('made', ada);
  assert.equal(await ada.getByRole('button', { name: 'Start' }).isEnabled(), true);
  await onScreen('result', bob);
  await bob.bringToFront();
  await bob.getByRole('button', { name: 'Leave' }).click();
  await onScreen('menu', bob);
  await until('the seat is open', async () => await ada.locator('.made .empty').count() === 2, ada);

  // Whoever comes again can be banned, and let in again.
  const name = await bob.locator('.chip .who').innerText();
  await bob.evaluate((hash) => { location.hash = hash; }, await ada.evaluate(() => location.hash));
  await onScreen('made', bob);
  await ada.bringToFront();
  await ada.getByRole('button', { name: `More about ${name}` }).click();
  await ada.getByRole('button', { name: 'Whisper, mute…' }).click();
  await dialog(ada).getByRole('button', { name: 'Add as friend' }).waitFor();
  await shot('person', ada);
  await ada.keyboard.press('Escape');
  await shot('made-more', ada);
  await ada.hold(400, 800);
  await shot('made-more-400', ada);
  await assertFits(ada, 'what there is to do with a member');
  await ada.hold(1280, 720);
  await ada.getByRole('button', { name: `Ban ${name}` }).click();
  await onScreen('menu', bob);
  await banner(bob).getByText('The host has banned you from the room.').waitFor();
  await ada.getByRole('button', { name: `Lift the ban of ${name}` }).waitFor();
  await shot('made-banned', ada);
  await ada.getByRole('button', { name: `Lift the ban of ${name}` }).click();
  await until('the ban is lifted', async () => await ada.getByText('Banned', { exact: true }).count() === 0, ada);

  // On a phone, upright and across, all of it is there.
  for (const [width, height] of [[400, 800], [800, 400]]) {
    await ada.bringToFront();
    await ada.hold(width, height);
    await shot(`made-${width}`, ada);
    await assertFits(ada, `the room at ${width}`);
  }
  await ada.evaluate(() => localStorage.setItem('muster.name', 'Somebody else')); // as another tab may
  await ada.reload();
  await onScreen('made', ada);
  await ada.locator('.made .people').getByText('Ada (you)').waitFor();
  await ada.getByRole('button', { name: 'Leave' }).click();
  await onScreen('menu', ada);
  assert.equal(await ada.evaluate(() => location.hash), '');
  for (const p of [ada, bob, cy]) await p.close();
});

/** The window that is open, that about friends, and that about a player, which opens above it. */
const top = (p) => p.locator('dialog[open]'), side = (p) => p.locator('dialog.side[open]'), person = (p) => p.locator('dialog.person[open]');

/** Both pages befriend: the second opens the first one's link. */
async function friends(ada, at) {
  await ada.getByRole('button', { name: 'Leaderboard' }).click();
  await ada.keyboard.press('Escape');
  await until('connected', async () => (await view(ada)).state === 'hall', ada);
  const bob = await open(`${at}/#friend=${await ada.evaluate(() => window.muster.player)}`);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).click();
  await top(ada).getByRole('button', { name: 'Accept' }).click();
  await top(ada).getByText('online').waitFor();
  return [bob, await bob.locator('.chip .who').innerText()];
}

test('a whisper is answered, its line reported, and who whispers muted and blocked', async () => {
  const { url, moderate } = await asking(), ada = await guest('Ada', url), [bob, name] = await friends(ada, url);
  const whisper = async (p, text) => {
    await p.bringToFront();
    await person(p).getByLabel('Whisper something').fill(text);
    await p.keyboard.press('Enter');
    await person(p).locator('.mine').getByText(text).waitFor();
  };
  await ada.keyboard.press('Escape');
  await bob.bringToFront();
  await bob.getByRole('button', { name: /^Friends and party/ }).click();
  await side(bob).getByRole('button', { name: 'Whisper to Ada, and more' }).click();
  await whisper(bob, '<i>psst</i>');
  await shot('whisper', bob);
  await ada.bringToFront();
  await ada.getByRole('button', { name: 'Friends and party, 1 new' }).waitFor();
  await shot('whispered', ada);
  await banner(ada).getByText(`${name} whispers: <i>psst</i>`).waitFor();
  await banner(ada).getByRole('button', { name: 'Answer' }).click();
  await person(ada).locator('.lines').getByText('<i>psst</i>').waitFor();
  await whisper(ada, 'yes?');
  await person(bob).locator('.lines').getByText('yes?').waitFor();

  await person(ada).getByRole('button', { name, exact: true }).click();
  await person(ada).locator('blockquote').getByText('<i>psst</i>').waitFor();
  await person(ada).getByLabel('Tell the moderators').fill('whispers markup');
  await shot('report', ada);
  await ada.hold(400, 800);
  await shot('report-400', ada);
  await assertFits(ada, 'a report');
  await ada.hold(1280, 720);
  await person(ada).locator('button[type=submit]').filter({ hasText: 'Report' }).click();
  await person(ada).getByText('Reported.').waitFor();
  const { reports } = await moderate('GET', '/v1/reports');
  assert.deepEqual(reports.map((r) => [r.against.name, r.reason, r.channel, r.lines[0].text]), [[name, 'whispers markup', 'whisper', '<i>psst</i>']]);

  await person(ada).getByRole('button', { name: 'Mute' }).click();
  await person(ada).getByRole('button', { name: 'Unmute' }).waitFor();
  await whisper(bob, 'not heard');
  await ada.bringToFront();
  await person(ada).getByRole('button', { name: 'Unmute' }).click();
  await person(ada).getByRole('button', { name: 'Mute', exact: true }).waitFor();
  await whisper(bob, 'heard again');
  await person(ada).locator('.lines').getByText('heard again').waitFor();
  assert.equal(await person(ada).getByText('not heard').count(), 0);

  await ada.bringToFront();
  await person(ada).getByRole('button', { name: 'Block' }).click();
  await person(ada).getByRole('button', { name: 'Unblock' }).waitFor();
  await shot('blocked', ada);
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'Friends and party' }).click();
  await side(ada).getByText('Blocked and muted (1)').click();
  await side(ada).getByRole('button', { name: `About ${name}` }).waitFor();
  await shot('shunned', ada);
  await side(ada).getByRole('button', { name: `About ${name}` }).click();
  await person(ada).getByRole('button', { name: 'Unblock' }).click();
  await person(ada).getByRole('button', { name: 'Block', exact: true }).waitFor();
  for (const p of [ada, bob]) await p.close();
});

test('a match that was found is accepted by all, or not played', async () => {
  const { url } = await asking(), ada = await guest('Ada', url), bob = await guest('Bob', url);
  const seek = async (p) => {
    await p.bringToFront();
    await p.locator('.mode').filter({ hasText: 'Duel' }).click();
    await p.getByRole('button', { name: 'Play', exact: true }).click();
  };
  const press = async (p, name) => {
    await p.bringToFront();
    await p.getByRole('button', { name, exact: true }).click();
  };
  await seek(ada);
  await seek(bob);
  await bob.getByText('A match was found').waitFor();
  await ada.getByText('2 players. Are you ready?').waitFor();
  await shot('offer', bob);
  await press(ada, 'Accept');
  await ada.getByText('1 of 2 have accepted…').waitFor();
  assert.equal(await ada.getByRole('button', { name: 'Decline' }).isVisible(), false, 'it is said already');
  await until('Bob sees that one has', async () => await bob.locator('.dots .here').count() === 1, bob);
  await shot('offer-accepted', ada);
  await press(bob, 'Decline');
  await onScreen('menu', bob);
  await ada.getByText('Looking for an opponent…').waitFor(); // on, with the time she has waited
  assert.equal(await ada.locator('.offer').isVisible(), false);

  await seek(bob);
  await bob.getByText('A match was found').waitFor();
  await bob.hold(400, 800);
  await shot('offer-400', bob);
  await assertFits(bob, 'an offer');
  assertApart(await boxes(bob, '.dots', '.left', '.offer .primary', '.offer .quiet'), 400, 800);
  await press(bob, 'Accept');
  await press(ada, 'Accept');
  await onScreen('game', ada);
  await onScreen('game', bob);
  assert.equal((await view(bob)).match, (await view(ada)).match);
  for (const p of [ada, bob]) await p.close();
});

test('a ban says until when, and why', async () => {
  const { url, moderate } = await asking(), refused = [], eve = await open(url, { to: refused });
  await eve.fill('#name', 'Eve');
  await eve.getByRole('button', { name: 'Leaderboard' }).click();
  await eve.keyboard.press('Escape');
  await until('connected', async () => (await view(eve)).state === 'hall', eve);
  const until_ = new Date(Date.now() + 3 * 86_400_000);
  await moderate('PUT', `/v1/players/${await eve.evaluate(() => window.muster.player)}/ban`, { until: until_.toISOString(), reason: 'insults' });
  const said = banner(eve).filter({ hasText: /You are banned until .*: insults/ });
  await said.waitFor();
  assert.ok((await said.innerText()).includes(String(until_.getFullYear())));
  assert.equal(await said.getByRole('button').count(), 0, 'there is nothing to do about it');
  await shot('banned', eve);
  await eve.getByRole('button', { name: 'Play', exact: true }).click();
  await eve.locator('.menu .status').filter({ hasText: /You are banned until .*: insults/ }).waitFor();
  assert.equal(await banner(eve).count(), 0, 'it is said once');
  await shot('banned-play', eve);
  assert.ok(refused.every((t) => /status of 40[13]|HTTP Authentication failed/.test(t)), refused.join('\n'));
  await eve.close();
});

test('a provider lets players in, and makes a guest an account', async () => {
  const { url } = await asking(), grace = await open(url);
  await grace.getByRole('button', { name: 'Log in' }).click();
  await top(grace).getByRole('button', { name: 'Continue with Example' }).waitFor();
  await shot('provider', grace);
  await top(grace).getByRole('button', { name: 'Continue with Example' }).click();
  await grace.getByRole('link', { name: 'No' }).click();
  await banner(grace).getByText('You have not logged in there.').waitFor();
  await grace.getByRole('button', { name: 'Log in' }).click();
  await top(grace).getByRole('button', { name: 'Continue with Example' }).click();
  await grace.getByRole('link', { name: 'I am Grace' }).click();
  await grace.locator('.chip').filter({ hasText: 'Grace' }).waitFor();
  assert.equal(await grace.evaluate(() => location.search), '', 'nothing of it stays in the address');
  assert.equal(await grace.locator('.chip .tag').count(), 0, 'she is no guest');

  const gus = await guest('Gus', url);
  await gus.getByRole('button', { name: 'Leaderboard' }).click();
  await gus.keyboard.press('Escape');
  await until('connected', async () => (await view(gus)).state === 'hall', gus);
  const player = await gus.evaluate(() => window.muster.player);
  await gus.locator('.chip').filter({ hasText: 'guest' }).click();
  await top(gus).getByRole('button', { name: 'Continue with Example' }).click();
  await gus.getByRole('link', { name: 'I am Gus' }).click();
  await until('no guest any more', async () => await gus.locator('.chip .who').isVisible() && await gus.locator('.chip .tag').count() === 0, gus);
  assert.equal(await gus.evaluate(() => window.muster.player), player);
  for (const p of [grace, gus]) await p.close();
});

test('it fits a phone, upright and across', async () => {
  const phone = await open('/', { width: 400, height: 800, phone: true });
  await phone.getByText('Free for all').click(); // the mode played last is another
  await shot('phone-menu', phone);
  await assertFits(phone, 'the menu');
  await phone.hold(800, 400);
  assert.ok(await phone.getByRole('button', { name: 'Play' }).evaluate((b) => b.getBoundingClientRect().bottom < innerHeight), 'Play is seen at once');
  await phone.getByRole('button', { name: 'Play' }).click();
  await onScreen('game', phone);
  for (const [width, height] of [[400, 800], [800, 400]]) {
    await phone.hold(width, height);
    await until('the size', () => phone.evaluate((w) => innerWidth === w, width), phone);
    assert.ok(await phone.getByRole('button', { name: 'Dash' }).isVisible(), 'buttons before the first touch');
    const fixed = ['.top', '.corner', '.minimap', '.vitals', '.pads', '.net'];
    assertApart(await boxes(phone, ...fixed), width, height);
    await phone.evaluate(() => window.dispatchEvent(new KeyboardEvent('keydown', { code: 'F3' })));
    await phone.locator('.net canvas').waitFor();
    assertApart(await boxes(phone, ...fixed), width, height);
    await shot(`phone-${width}`, phone);
    await phone.evaluate(() => window.dispatchEvent(new KeyboardEvent('keydown', { code: 'F3' })));
    await phone.getByRole('button', { name: 'Scores' }).dispatchEvent('pointerdown');
    await phone.locator('.board tbody tr').nth(15).waitFor();
    await shot(`phone-scores-${width}`, phone);
    const rows = await phone.locator('.board tbody tr').evaluateAll((all) => all.map((r) => r.getBoundingClientRect().height));
    assert.ok(Math.max(...rows) < 34, `a row is ${Math.max(...rows)} high: it is wrapped`);
    assertApart(await boxes(phone, '.top', '.corner', '.board', '.vitals', '.pads'), width, height);
    await phone.getByRole('button', { name: 'Scores' }).dispatchEvent('pointerup');
  }
  await phone.close();
});

test('a server that is lost and back', { skip: process.env.MUSTER_URL !== undefined && 'it is not ours to stop' }, async () => {
  const trouble = [], addr = new URL(url).host;
  const p = await open('/', { to: trouble });
  const tries = () => trouble.filter((t) => /ERR_CONNECTION/.test(t)).length;
  for (const other of p.context().pages()) if (other !== p) await other.close(); // or they would complain, too
  await p.getByText('Free for all').click();
  await p.getByRole('button', { name: 'Play' }).click();
  await onScreen('game', p);

  // It dies amid a match.
  await stopServer('SIGKILL');
  await banner(p).filter({ hasText: 'The connection was lost. Coming back…' }).waitFor();
  await startServer(addr);
  await onScreen('menu', p);
  await p.getByText('The server was restarted, so that match is gone. Play again.').waitFor();
  await shot('restarted', p);

  // It goes while one stands in the menu, and says why.
  await until('connected', async () => (await view(p)).state === 'hall', p);
  const before = tries();
  await stopServer('SIGTERM');
  const why = banner(p).filter({ hasText: 'The server is restarting. Coming back…' });
  await why.waitFor();
  await until('it has tried in vain, twice', () => tries() >= before + 2, p);
  assert.ok(await why.isVisible(), 'that nobody answers tells less than why');
  await p.getByRole('button', { name: 'Play' }).click();
  const away = p.getByText('The server cannot be reached. Trying again…');
  await away.waitFor();
  await shot('away', p);

  // It is back: nobody has to press anything to see it.
  await startServer(addr);
  await away.waitFor({ state: 'hidden' });
  await why.waitFor({ state: 'hidden' });
  await p.getByRole('button', { name: 'Play' }).click();
  await onScreen('game', p);
  await p.close();
});

test('nothing was complained about', () => assert.deepEqual(complaints, []));
