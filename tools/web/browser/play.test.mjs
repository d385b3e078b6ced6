// Playing: against bots with real key presses, in a hidden tab, after a reload,
// when the server is lost and found again, on a phone, and on any game's page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, assertApart, assertFits, banner, boxes, complaints, far, guest, onScreen, open, page, PATIENCE, shot,
  sleep, startServer, stopServer, until, url, view } from './world.mjs';

test('the menu offers the modes', async () => {
  await page.getByText('Free for all').waitFor();
  await page.getByText('Duel', { exact: true }).waitFor();
  await sleep(500);
  await shot('menu');
  assertApart(await boxes(page, '.menu .panel', '.you', '.mute'), 1280, 720);
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

/** Watches the match that page plays: one player, another, and freely. */
async function watch(p) {
  const watching = () => p.evaluate(() => window.muster.watching);
  await p.getByRole('button', { name: 'Watch', exact: true }).click();
  await p.getByRole('button', { name: 'Watch <b>Ada</b>' }).click();
  await until('Ada is followed', async () => (await watching())?.name === '<b>Ada</b>', p);
  const first = await view(p), who = await watching();
  assert.deepEqual([first.match, first.seat, who.free, who.behind], [(await view()).match, -1, false, 0]);
  assert.match(await p.innerText('.watching .label'), /^Watching — live/);
  await until('players have moved', async () => (await view(p)).others.some((o) => first.others.some((f) => f.seat === o.seat && far(f, o) > 1)), p);
  assert.match(await p.innerText('.hud .top'), / of 16 .*\d:\d\d/s);
  await shot('watch', p);
  await p.keyboard.press('ArrowRight');
  assert.notEqual((await watching()).seat, who.seat);
  await until('a click follows who is there', async () => {
    const { seat, eye } = await watching(), { others } = await view(p);
    const at = (o) => [640 + (o.x - eye.x) * eye.scale, 360 + (o.y - eye.y) * eye.scale];
    const near = others.find((o) => o.seat !== seat && !o.dead && Math.abs(at(o)[0] - 640) < 600 && Math.abs(at(o)[1] - 300) < 200);
    if (near) await p.mouse.click(...at(near));
    else await p.keyboard.press('ArrowRight');
    return near && (await watching()).seat === near.seat;
  }, p);
  await p.mouse.move(400, 300);
  await p.mouse.down();
  await p.mouse.move(500, 300, { steps: 3 });
  await p.mouse.up();
  assert.equal((await watching()).free, true, 'it is dragged');
  for (const [width, height] of [[390, 844], [844, 390]]) {
    await p.hold(width, height);
    await assertFits(p, 'watching');
    assertApart(await boxes(p, '.top', '.watching', '.minimap'), width, height);
    await shot(`watch-${width}`, p);
  }
  const { stats } = await view(p);
  assert.deepEqual([stats.desyncs, stats.inputs, stats.reconnects], [0, 0, 0]);
  await p.keyboard.press('Escape');
  await onScreen('menu', p);
}

test('a hidden tab stays connected, and its match is watched meanwhile', async () => {
  const before = await view(), since = Date.now();
  const front = await guest('Wanda');
  await front.bringToFront();
  await watch(front);
  await sleep(since + 13_000 - Date.now()); // beyond the 10 s after which a silent client is let go
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
  await until('one is drawn', async () => (await view()).me);
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

const asked = () => banner().filter({ hasText: 'Leave the match?' });

// The question goes away by itself: a machine that is slow to look at it asks again.
async function whileAsked(what, look) {
  await until(what, async () => {
    if (await asked().count() === 0) await page.keyboard.press('Escape');
    return look().catch(() => false);
  });
}

test('Escape asks, and one may stay', async () => {
  let seen;
  await whileAsked('the question is seen', async () => {
    seen = await asked().evaluate((el) => ({
      background: getComputedStyle(el).backgroundColor,
      boxes: [['.top', document.querySelector('.hud .top')], ['.banner', el]].map(([name, e]) => [name, e.getBoundingClientRect().toJSON()]),
    }), null, { timeout: 1000 });
    return true;
  });
  assertApart(seen.boxes, 1280, 720);
  assert.match(seen.background, /^rgb\(/, 'one cannot see through it');
  await shot('ask');
  await asked().waitFor({ state: 'hidden' }); // by itself
  await whileAsked('one stays', () => page.getByRole('button', { name: 'Stay' }).click({ timeout: 1000 }).then(() => true));
  await asked().waitFor({ state: 'hidden' });
  await whileAsked('Escape takes it back', () => page.keyboard.press('Escape').then(async () => await asked().count() === 0));
  const v = await view();
  assert.deepEqual([v.screen, v.state], ['game', 'playing']);
});

test('one leaves and plays again without a reload', async () => {
  await whileAsked('one leaves', () => page.getByRole('button', { name: 'Leave' }).click({ timeout: 1000 }).then(() => true));
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

test('it fits a phone, upright and across', async () => {
  const phone = await open('/', { width: 400, height: 800, phone: true });
  await phone.getByText('Free for all').click(); // the mode played last is another
  await shot('phone-menu', phone);
  await assertFits(phone, 'the menu');
  assertApart(await boxes(phone, '.modes', '.menu .primary', '.you', '.mute'), 400, 800);
  assert.ok(await phone.locator('.modes').evaluate((m) => m.scrollHeight <= m.clientHeight), 'no mode is out of sight');
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

test('in teams friend and foe are told apart', async () => {
  const p = await guest('Tia');
  await p.locator('label.mode', { hasText: 'Teams' }).click();
  await p.getByRole('button', { name: 'Play', exact: true }).click();
  await onScreen('game', p);
  const seen = () => p.evaluate(() => ({ others: window.muster.others, score: window.muster.score }));
  await until('all are here', async () => (await seen()).others.length === 7, p);
  const { others, score } = await seen(), side = (ally) => others.filter((o) => o.ally === ally);
  assert.deepEqual([side(true).length, side(false).length, score.limit], [3, 4, 50]);
  const colors = (list) => new Set(list.map((o) => o.color)).size;
  assert.deepEqual([colors(side(true)), colors(side(false)), colors(others)], [1, 1, 2], 'one colour a side');
  assert.ok(side(true).every((o) => o.arms.ammo >= 0) && side(false).every((o) => !o.arms), 'only what mates hold is known');
  await p.locator('.squad .mate').nth(2).waitFor();
  assert.match(await p.innerText('.top .place'), /We \d+ : \d+ They/);
  await shot('teams', p);
  await p.close();
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
