// Which keys push which input of a game that is known by its schema only.

import type { Field } from '@muster/client';

/** What lowers a value and what raises it: any key of each list, by its code. */
export interface Pair { less: string[]; more: string[] }

/**
 * How a field is steered: as an axis, which is pushed one way or the other and
 * springs back; as a step, which stays where the keys have moved it; by hand,
 * with the slider alone; or as buttons, a key for each bit.
 */
export type Way = { kind: 'axis' | 'step'; keys: Pair } | { kind: 'slider' } | { kind: 'bits'; bits: { bit: number; keys: string[] }[] };

const LEFT_RIGHT: Pair = { less: ['ArrowLeft', 'KeyA'], more: ['ArrowRight', 'KeyD'] };
const UP_DOWN: Pair = { less: ['ArrowUp', 'KeyW'], more: ['ArrowDown', 'KeyS'] };
const SPARE: Pair[] = [{ less: ['KeyQ'], more: ['KeyE'] }, { less: ['KeyZ'], more: ['KeyX'] }];
const flip = (p: Pair): Pair => ({ less: p.more, more: p.less });

const ACROSS = /^(right|x|dx|vx|move_?x|horizontal|turn|steer)$/i, DOWN = /^(down|y|dy|vy|move_?y|vertical)$/i;
const UP = /^(up|forward|thrust)$/i;

/** What is as much below zero as above is an axis; of a direction from 0 to 16 nobody can know what its numbers mean. */
const isAxis = (f: Field) => !f.bits && f.max > 0 && f.min === -f.max;

/**
 * Gives each field its keys: axes by their names, else the first across and
 * the second down; then what keys are left step the other fields.
 */
export function waysOf(fields: Field[]): Way[] {
  const free = [LEFT_RIGHT, UP_DOWN, ...SPARE];
  const take = (p: Pair | undefined) => p && free.splice(free.indexOf(p), 1)[0];
  const named = fields.map((f): Pair | undefined => {
    if (!isAxis(f)) return undefined;
    if (ACROSS.test(f.name) && free.includes(LEFT_RIGHT)) return take(LEFT_RIGHT);
    if (DOWN.test(f.name) && free.includes(UP_DOWN)) return take(UP_DOWN);
    if (UP.test(f.name) && free.includes(UP_DOWN)) return flip(take(UP_DOWN)!);
    return undefined;
  });
  const axes = fields.map((f, i) => named[i] ?? (isAxis(f) ? take(free[0]) : undefined));
  let buttons = 0;
  return fields.map((f, i): Way => {
    if (f.bits) return { kind: 'bits', bits: bitsOf(f).map((bit) => ({ bit, keys: keysOf(++buttons) })) };
    const axis = axes[i];
    if (axis) return { kind: 'axis', keys: axis };
    const pair = take(free[0]);
    // Up is more where one steps, though it is less of a y.
    return pair ? { kind: 'step', keys: pair === UP_DOWN ? flip(pair) : pair } : { kind: 'slider' };
  });
}

function bitsOf(f: Field): number[] {
  const bits: number[] = [];
  for (let i = 0; i < 31 && 2 ** i <= f.max; i++) if (f.max & 2 ** i) bits.push(2 ** i);
  return bits;
}

const keysOf = (n: number) => n === 1 ? ['Digit1', 'Space'] : n <= 9 ? [`Digit${n}`] : [];

/** How far one press steps: so that some thirty go from end to end. */
export const stepOf = (f: Field) => Math.max(1, Math.round((f.max - f.min) / 32));

const SIGNS: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };

/** Keys as they are written on the keyboard. */
export const written = (keys: string[]) => keys.map((k) => SIGNS[k] ?? k.replace(/^(Key|Digit)/, '')).join(' ');

/** All of it in a line, for people. */
export function told(fields: Field[], ways: Way[]): string {
  return ways.flatMap((w, i): string[] => {
    const name = fields[i].name;
    switch (w.kind) {
      case 'axis': return [`${written(w.keys.less)} / ${written(w.keys.more)} push ${name}`];
      case 'step': return [`${written(w.keys.less)} / ${written(w.keys.more)} lower and raise ${name}`];
      case 'slider': return [];
      case 'bits': return w.bits.filter((b) => b.keys.length > 0).map((b) => `${written(b.keys)} holds ${name} ${b.bit}`);
    }
  }).join('  ·  ');
}
