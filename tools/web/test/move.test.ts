// Holds the page's movement to the runs of game/arena, bit for bit.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sin } from '../src/arena/angle.ts';
import { mapNamed } from '../src/arena/map.ts';
import { type Body, move } from '../src/arena/move.ts';
import { paceAt } from '../src/arena/pace.ts';

const file = JSON.parse(readFileSync(process.env.REPO + 'game/arena/testdata/move.json', 'utf8'));

test('sine', () => {
  for (let a = -256; a < 512; a++) assert.equal(sin(a), file.Sine[a & 255]);
});

for (const run of file.Runs) {
  test(`${run.Map} ${run.Across}x${run.Down} at ${run.Hz} Hz`, () => {
    const pace = paceAt(run.Hz), map = mapNamed(run.Map, run.Across, run.Down);
    for (const [name, v] of Object.entries(pace)) {
      assert.equal(v, run.Pace[name[0].toUpperCase() + name.slice(1)], name);
    }
    const [x, y, vx, vy, dash] = run.Start;
    const b: Body = { x, y, vx, vy, dash };
    const states: number[][] = [];
    let tick = 0;
    for (const [way, aim, dashes, ticks] of run.Pushes) {
      for (let i = 0; i < ticks; i++) {
        move(b, { tick: ++tick, move: way, aim, dash: dashes === 1 }, pace, map);
        if (tick % run.Every === 0) states.push([b.x, b.y, b.vx, b.vy, b.dash]);
      }
    }
    assert.deepEqual(states, run.States);
  });
}
