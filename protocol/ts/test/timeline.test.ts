import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline } from '../src/timeline.ts';

const TICK = 1000 / 30;

/** Plays frames of every stride-th tick that come so late each, and returns what is shown 60 times a second. */
function play(late: (tick: number) => number, seconds: number, stride = 1) {
  const line = new Timeline(30), shown: { at: number; tick: number; newest: number }[] = [];
  let newest = -1, next = 0;
  for (let now = 0; now < seconds * 1000; now += 1000 / 60) {
    for (; next * TICK + late(next) <= now; next += stride) line.frame(newest = next, next * TICK + late(next));
    if (newest >= 0) shown.push({ at: now, tick: line.tick(now), newest });
  }
  return { line, shown };
}

test('steady frames are shown two ticks behind, moving evenly', () => {
  const { shown } = play(() => 50, 5);
  for (let i = 60; i < shown.length; i++) {
    const step = shown[i].tick - shown[i - 1].tick;
    assert.ok(Math.abs(step - 0.5) < 0.03, `a step of ${step}`);
    const behind = (shown[i].at - 50) / TICK - shown[i].tick;
    assert.ok(Math.abs(behind - 2) < 0.3, `${behind} behind`);
  }
});

test('frames that come late and in bunches are waited for, and time never runs back', () => {
  const late = (t: number) => 40 + (t % 7 === 0 ? 60 : 0);
  const { line, shown } = play((t) => Math.max(late(t), ...[1, 2].map((k) => late(t - k) - k * TICK)), 20);
  assert.ok(line.delay > 2 * TICK + 10 && line.delay < 160, `${line.delay}`);
  const last = shown.slice(-300);
  assert.ok(last.filter((s) => s.tick <= s.newest).length > 290, 'mostly between two frames');
  for (let i = 1; i < last.length; i++) assert.ok(last[i].tick > last[i - 1].tick);
});

test('who is sent every second or third tick, or two frames a second, sees the others between two frames', () => {
  for (const stride of [2, 3, 15]) {
    const { shown } = play((t) => 40 + t % 5, 40, stride), last = shown.slice(-600);
    assert.ok(last.every((s) => s.tick <= s.newest), `${stride} apart: beyond the newest frame`);
    for (let i = 1; i < last.length; i++) {
      const step = last[i].tick - last[i - 1].tick;
      assert.ok(Math.abs(step - 0.5) < 0.05, `${stride} apart: a step of ${step}`);
    }
  }
});

test('one frame that is skipped changes nothing that is seen', () => {
  const { line, shown } = play(() => 50, 5), before = line.delay, next = shown.at(-1)!.newest + 4;
  line.frame(next, next * TICK + 50);
  assert.ok(line.delay - before < TICK / 2, `${line.delay - before}`);
});

test('a jump in time is followed at once', () => {
  const line = new Timeline(30);
  for (let t = 0; t < 60; t++) line.frame(t, t * TICK);
  line.tick(60 * TICK);
  for (let t = 600; t < 603; t++) line.frame(t, t * TICK - 5000);
  assert.ok(Math.abs(line.tick(603 * TICK - 5000) - 601) < 2);
});
