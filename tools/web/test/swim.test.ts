// Holds the page's blobs to those of game/swarm, and what it shows of one's own to a server that is late.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Match } from '@muster/client';
import type { Columns } from '../src/swarm/columns.ts';
import { Predictor } from '../src/swarm/predict.ts';
import { type Say, swim } from '../src/swarm/swim.ts';

interface Run { Hz: number; Low: number; High: number; Start: number[][]; Says: number[][]; Blobs: number[][][] }

const runs = JSON.parse(readFileSync(process.env.REPO + 'game/swarm/testdata/swim.json', 'utf8')) as Run[];
const part = ([x, y, r]: number[]) => ({ x, y, r });

runs.forEach((run, i) => test(`blobs swim as the server's do, ${i}`, () => {
  let at = run.Start;
  run.Says.forEach(([aim, throttle, buttons], tick) => {
    const parts = at.map(part);
    swim(parts, { aim, throttle, buttons }, run.Hz, { low: run.Low, high: run.High });
    at = run.Blobs[tick];
    assert.deepEqual(parts.map((p) => [p.x, p.y]), at.map(([x, y]) => [x, y]), `tick ${tick + 1}`);
  });
}));

const HZ = 20, TICK = 1000 / HZ, SIDE = 6144, WIDTH = 30720;
const BOUNDS = { low: (WIDTH - SIDE) / 2, high: (WIDTH + SIDE) / 2 - 1 };
const COLUMNS = { blobs: { table: 0, x: 0, y: 1, r: 2 }, zone: { table: 1, side: 0, end: 1 } } as unknown as Columns;

/** Plays against a server that answers so many ticks late. every: it tells of the blob in each so many ticks. */
function play(late: number, every: number, shove = 0) {
  const server = { x: WIDTH / 2, y: WIDTH / 2, r: 60 }, told: { tick: number; at: number; x: number; y: number }[] = [], says: Say[] = [];
  let frame = { tick: 0, at: 0, x: server.x, y: server.y };
  const match = {
    seat: 0, seq: 0, inputAt: 0, interval: TICK, hz: HZ,
    mirror: {
      get now() {
        return {
          tick: frame.tick, told: [frame.at], layout: { tables: [{ slot: 0 }], schema: { space: { width: WIDTH } } },
          next: (_: number, after: number) => after < 0 ? 0 : -1, gen: () => 1,
          col: (t: number, c: number) => t === 1 ? [SIDE] : [[frame.x, frame.y, server.r][c]],
        };
      },
      get head() { return { ack: Math.max(0, frame.tick - late) & 127 }; },
    },
  };
  const p = new Predictor(match as unknown as Match, COLUMNS);
  let say: Say = { aim: 0, throttle: 0, buttons: 0 }, worst = 0, jump = 0;
  p.frame(0, say);
  let [shown] = p.shown(0, say);
  for (let t = 1; t <= 300; t++) {
    const now = t * TICK;
    if (t % 9 === 1) say = { aim: (t * 37) & 255, throttle: t % 4 * 2, buttons: 0 };
    match.seq = (match.seq + 1) & 127;
    says.push(say);
    p.input(match.seq, say, now);
    match.inputAt = now;
    const used = says[t - 1 - late];
    if (used) swim([server], used, HZ, BOUNDS);
    if (t === 150) server.x += shove;
    const tells = t % every === 0 || told.length === 0;
    told.push({ tick: t, at: tells ? t : told[t - 2].at, ...tells ? { x: server.x, y: server.y } : { x: told[t - 2].x, y: told[t - 2].y } });
    if (t > late) {
      frame = told[t - 1 - late];
      p.frame(now + 3, say);
      if (t > 2 * late + 5) worst = Math.max(worst, p.correction);
    }
    for (let ms = 5; ms < TICK; ms += 8) {
      p.smooth(0.008);
      const [at] = p.shown(now + ms, say);
      jump = Math.max(jump, Math.hypot(at.x - shown.x, at.y - shown.y));
      shown = at;
    }
  }
  return { worst, jump };
}

for (const [late, every] of [[0, 1], [2, 1], [6, 1], [2, 2], [4, 4]]) {
  test(`no correction with frames and inputs ${late} ticks late, the blob told of in each ${every}`, () => {
    const { worst, jump } = play(late, every);
    assert.ok(worst < 1e-6, `corrected by ${worst}`);
    assert.ok(jump < 12, `moved ${jump} units in 8 ms`);
  });
}

test('what the server knows better is followed softly', () => {
  const { worst, jump } = play(2, 1, 120);
  assert.ok(worst > 100, `corrected by ${worst}`);
  assert.ok(jump < 30, `moved ${jump} units at once`);
});
