// The pill and the board say the same place, and it is the server's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankOf, ranked } from '../src/arena/rank.ts';
import { newActor } from '../src/arena/scene.ts';

const actors = (...rows: [frags: number, deaths: number, here?: boolean][]) =>
  rows.map(([frags, deaths, here = true], seat) => ({ ...newActor(seat), frags, deaths, here }));

test('equal scores share a place, and the next one is skipped', () => {
  const all = actors([3, 0], [5, 9], [3, 2], [5, 1], [0, 0], [9, 0, false]);
  assert.deepEqual(ranked(all).map((r) => [r.actor.seat, r.rank]), [[3, 1], [1, 1], [0, 3], [2, 3], [4, 5]]);
});

test('one alone is asked for as the whole list says', () => {
  const all = actors([1, 1], [1, 0], [-1, 2], [4, 4], [-1, 0], [7, 7, false]);
  for (const { actor, rank } of ranked(all)) assert.equal(rankOf(actor.frags, all), rank);
});
