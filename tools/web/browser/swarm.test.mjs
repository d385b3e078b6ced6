// The swarm: one world, of which a page is told what is near.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints, far, guest, onScreen, open, page, PATIENCE, shot, sleep, until, view } from './world.mjs';

const WAYS = [[1, 0], [0, 1], [-1, 0], [0, -1]];
const near = (p = page) => p.evaluate(() => ({ others: window.muster.others.length, pellets: window.muster.pellets, cells: window.muster.cells }));

test('one comes into a world of others, and swims where the pointer is', async () => {
  await page.getByText('Swarm', { exact: true }).click();
  await page.fill('#name', 'Ada');
  await page.getByRole('button', { name: 'Play' }).click();
  await onScreen('game');
  await until('there are others, and pellets', async () => { const n = await near(); return n.others > 0 && n.pellets > 0; });
  let way = 0;
  for (let i = 0, end = Date.now() + PATIENCE; Date.now() < end && way < 2; i++) {
    const from = (await view()).me, [x, y] = WAYS[i % 4]; // in one direction there may be the wall
    await page.mouse.move(640 + 250 * x, 360 + 250 * y);
    await sleep(300);
    const to = (await view()).me;
    // A jump is not swimming: who was eaten comes back elsewhere.
    if (!from.dead && !to.dead && far(from, to) < 4) way += far(from, to);
  }
  await shot('swarm');
  assert.ok(way >= 2, `swam ${way} m`);
});

test('what is held of the world is what the server says', async () => {
  const { stats } = await view();
  await until('all cells have had their hash', async () => (await view()).stats.frames > stats.frames + 40);
  const { cells } = await near();
  assert.ok(cells.length > 1, `${cells.length} cells are held`);
  assert.equal((await view()).stats.desyncs, 0);
});

test('who swims is followed, and another', async () => {
  const p = await guest('Wanda'), watching = () => p.evaluate(() => window.muster.watching);
  const seen = async (seat) => (await view(p)).others.some((o) => o.seat === seat);
  await p.getByText('Swarm', { exact: true }).click();
  await p.getByRole('button', { name: 'Watch', exact: true }).click();
  await p.getByRole('button', { name: 'Watch Ada' }).click();
  await until('Ada is followed', async () => (await watching())?.name === 'Ada', p);
  await until('Ada is seen', async () => seen((await watching()).seat), p);
  await shot('swarm-watch', p);
  const { seat } = await watching();
  await p.keyboard.press('ArrowRight');
  assert.notEqual((await watching()).seat, seat);
  await until('the next one is seen', async () => seen((await watching()).seat), p);
  const { cells } = await near(p), { stats } = await view(p);
  assert.ok(cells.length > 1 && cells.length < 60, `${cells.length} cells are held`);
  assert.deepEqual([stats.desyncs, stats.inputs], [0, 0]);
  await p.keyboard.press('Escape');
  await onScreen('menu', p);
  await p.close();
  await page.bringToFront();
});

test("the page made from the schema shows the cells' rows", async () => {
  const p = await open('/play/swarm');
  await until('rows of the plane', () => p.evaluate(() => window.muster.rows('blobs').length > 0 && window.muster.rows('pellets').length > 0), p);
  await shot('swarm-schema', p);
  assert.equal(await p.evaluate(() => window.muster.desyncs), 0);
  await p.close();
  assert.deepEqual(complaints, []);
});
