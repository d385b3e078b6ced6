// Any schema gets keys: axes first, then what can be stepped, then buttons.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '@muster/client';
import { stepOf, told, waysOf } from '../src/play/keys.ts';

const field = (name: string, min: number, max: number, bits = false): Field => ({ name, min, max, bits, keep: false });
const said = (...fields: Field[]) => told(fields, waysOf(fields));

test('two fields with as much below zero as above are axes, for arrows and WASD alike', () => {
  assert.equal(said(field('right', -1, 1), field('down', -1, 1)), '← A / → D push right  ·  ↑ W / ↓ S push down');
  assert.equal(said(field('a', -100, 100), field('b', -100, 100)), '← A / → D push a  ·  ↑ W / ↓ S push b');
});

test('names say which way, whatever their order', () => {
  assert.equal(said(field('thrust', -1, 1), field('turn', -1, 1)), '↓ S / ↑ W push thrust  ·  ← A / → D push turn');
  assert.equal(said(field('y', -1, 1)), '↑ W / ↓ S push y');
});

test('what is no axis is stepped by the keys that are left, and up is more', () => {
  assert.equal(said(field('move', 0, 16), field('aim', 0, 255), field('buttons', 0, 7, true)),
    '← A / → D lower and raise move  ·  ↓ S / ↑ W lower and raise aim  ·  1 Space holds buttons 1  ·  2 holds buttons 2  ·  3 holds buttons 4');
  assert.equal(said(field('power', 0, 9), field('x', -1, 1)), '↓ S / ↑ W lower and raise power  ·  ← A / → D push x');
});

test('keys run out without harm', () => {
  const ways = waysOf(Array.from({ length: 6 }, (_, i) => field(`f${i}`, 0, 3)));
  assert.deepEqual(ways.map((w) => w.kind), ['step', 'step', 'step', 'step', 'slider', 'slider']);
  const codes = ways.flatMap((w) => 'keys' in w ? [...w.keys.less, ...w.keys.more] : []);
  assert.equal(new Set(codes).size, codes.length, 'no key does two things');
});

test('one press is a step of a small range and some way along a large one', () => {
  assert.deepEqual([stepOf(field('a', 0, 16)), stepOf(field('b', 0, 255)), stepOf(field('c', 0, 1))], [1, 8, 1]);
});
