// What the result says of itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Placed, verdict } from '../src/ui/result.ts';

/** Places as [rank, score], oneself first in the list. */
const places = (...rows: [number, number][]): Placed[] =>
  rows.map(([rank, score], i) => ({ rank, score, player: '', name: `P${i}`, color: '#fff', me: i === 0, bot: i > 0 }));
const said = (why: string, ...rows: [number, number][]) => {
  const v = verdict(why, places(...rows));
  return [v.title, v.line, v.won];
};

test('two fight for victory, not for the second place', () => {
  assert.deepEqual(said('finished', [1, 10], [2, 7]), ['Victory', '10 to 7 against P1', true]);
  assert.deepEqual(said('finished', [2, 0], [1, 10]), ['Defeat', '0 to 10 against P1', false]);
  assert.deepEqual(said('finished', [1, 4], [1, 4]), ['Draw', '4 to 4 against P1', false]);
});

test('many are placed, and one frag is one', () => {
  assert.deepEqual(said('finished', [3, 1], [1, 5], [2, 2]), ['3rd place', '1 frag against 2 others', false]);
  assert.deepEqual(said('finished', [1, 5], [1, 5], [3, 2]), ['Shared victory', '5 frags against 2 others', true]);
  assert.deepEqual(said('finished', [1, 2]), ['Victory', '2 frags', true]);
});

test('a match that did not finish says why, and nobody won it', () => {
  for (const why of ['failed', 'drained', 'abandoned', 'left']) {
    const [title, line, won] = said(why, [1, 5], [2, 2]);
    assert.deepEqual([title, won], ['Match over', false]);
    assert.notEqual(line, '', why);
  }
  assert.deepEqual(said('of tomorrow', [1, 5]), ['Match over', '', false]);
});

test('a team wins or loses together', () => {
  const of = (...rows: [rank: number, score: number, ally: boolean][]) =>
    rows.map(([rank, score, ally], i) => ({ rank, score, ally, player: '', name: `P${i}`, color: '#fff', me: i === 0, bot: i > 0 }));
  const said = (p: Placed[]) => Object.values(verdict('finished', p));
  assert.deepEqual(said(of([1, 3, true], [1, 9, true], [2, 4, false], [2, 0, false])), ['Victory', 'Your team 12 to 4; 3 of it by you', true]);
  assert.deepEqual(said(of([2, 3, true], [2, 1, true], [1, 5, false], [1, 0, false])), ['Defeat', 'Your team 4 to 5; 3 of it by you', false]);
  assert.deepEqual(said(of([1, 0, true], [1, 2, true], [1, 2, false], [1, 0, false])), ['Draw', 'Your team 2 to 2; 0 of it by you', false]);
});

test('who has watched is told who has won', () => {
  const watched = (all: Partial<Placed>[]) => verdict('finished', places(...all.map((p) => [p.rank!, 5] as [number, number])).map((p, i) => ({ ...p, me: false, ...all[i] }))).line;
  assert.equal(watched([{ rank: 2 }, { rank: 1 }]), 'P1 has won');
  assert.equal(watched([{ rank: 1 }, { rank: 1 }, { rank: 3 }]), 'P0 and P1 have won');
  assert.equal(watched([1, 1, 1, 1].map((rank) => ({ rank }))), '4 share the victory');
  assert.equal(watched([{ rank: 2, ally: true }, { rank: 1, ally: false }]), 'Orange has won');
  assert.equal(watched([{ rank: 1, ally: true }, { rank: 1, ally: false }]), 'A draw');
});
