// Friend and foe: by seat as the server seats them, and in colours that most
// can tell apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teamOf } from '../src/arena/teams.ts';
import { ALLY, FOE, ME, colorOf } from '../src/render/palette.ts';

test('seats of a team follow each other', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map((s) => teamOf(s, 8, 2)), [1, 1, 1, 1, 2, 2, 2, 2]);
});

test('a side has one colour, and oneself another', () => {
  assert.deepEqual([colorOf(3, true, true), colorOf(1, false, true), colorOf(5, false, false)], [ME, ALLY, FOE]);
  assert.notEqual(colorOf(1, false), colorOf(5, false), 'all against all: each its own');
});

test('friend and foe differ for the colour-blind, too', () => {
  for (const [name, sees] of Object.entries(BLIND)) {
    const [a, b] = [ALLY, FOE].map((c) => sees(linear(c)));
    const apart = Math.hypot(...a.map((v, i) => Math.cbrt(v) - Math.cbrt(b[i])));
    assert.ok(apart > 0.35, `${name}: ${apart}`);
  }
});

const linear = (hex: string) => [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
const mix = (m: number[][]) => (c: number[]) => m.map((row) => Math.max(0, row.reduce((sum, k, i) => sum + k * c[i], 0)));

/** What is seen without one of the three kinds of cones (Machado et al. 2009, severity 1). */
const BLIND = {
  protanopia: mix([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
  deuteranopia: mix([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
  tritanopia: mix([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
};
