// Inputs for any game, made from the schema: each field is a lever, with the
// keys that keys.ts gives it.

import type { Field } from '@muster/client';
import { h } from '../ui/dom.ts';
import { type Pair, type Way, stepOf, told, waysOf, written } from './keys.ts';

/** What one field says now. */
interface Lever { field: Field; value: () => number; row: HTMLElement; pressed?: (code: string) => void }

export class Steer {
  readonly root = h('div.steer');
  private readonly held = new Set<string>();
  private levers: Lever[] = [];
  /** Codes that mean something here; all others are the browser's. */
  private keys = new Set<string>();

  constructor() {
    addEventListener('keydown', (e) => this.key(e, true));
    addEventListener('keyup', (e) => this.key(e, false));
    addEventListener('blur', () => this.held.clear());
  }

  offer(fields: Field[]): void {
    const ways = waysOf(fields);
    this.held.clear();
    this.keys = new Set(ways.flatMap(codesOf));
    this.levers = fields.map((f, i) => this.lever(f, ways[i]));
    const keys = told(fields, ways);
    this.root.replaceChildren(...this.levers.map((l) => l.row));
    if (keys !== '') this.root.append(h('p.told', null, `Keys: ${keys}`));
    if (fields.length === 0) this.root.textContent = 'This game takes no inputs.';
  }

  sample(values: Int32Array): void {
    this.levers.forEach((l, i) => { values[i] = clamp(l.field, l.value()); });
  }

  private key(e: KeyboardEvent, down: boolean): void {
    if (e.target instanceof HTMLInputElement && e.target.type === 'number') return;
    if (!this.keys.has(e.code) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    if (!down) {
      this.held.delete(e.code);
      return;
    }
    this.held.add(e.code);
    for (const l of this.levers) l.pressed?.(e.code);
  }

  private lever(field: Field, way: Way): Lever {
    switch (way.kind) {
      case 'bits': return this.buttons(field, way.bits);
      case 'axis': return this.axis(field, way.keys);
      case 'step': return slider(field, way.keys);
      case 'slider': return slider(field);
    }
  }

  private any = (codes: string[]) => codes.some((c) => this.held.has(c));

  private axis(field: Field, { less, more }: Pair): Lever {
    let pushed = 0;
    const button = (by: number, name: string) => hold(h<HTMLButtonElement>('button', { type: 'button' }, name), (on) => { pushed = on ? by : 0; });
    const row = h('div.lever', null, h('span', null, field.name), button(-1, '−'), button(1, '+'), hint(less), hint(more));
    const value = () => field.max * Math.sign(pushed + (this.any(more) ? 1 : 0) - (this.any(less) ? 1 : 0));
    return { field, value, row };
  }

  private buttons(field: Field, bits: { bit: number; keys: string[] }[]): Lever {
    const row = h('div.lever', null, h('span', null, field.name));
    let toggled = 0;
    for (const { bit, keys } of bits) {
      const box = h<HTMLInputElement>('input', { type: 'checkbox' });
      box.addEventListener('change', () => { toggled ^= bit; });
      row.append(h('label.bit', null, box, String(bit), keys.length > 0 && hint(keys)));
    }
    const value = () => bits.reduce((v, b) => this.any(b.keys) ? v | b.bit : v, toggled);
    return { field, value, row };
  }
}

const hint = (codes: string[]) => h('kbd', null, written(codes));
const clamp = (f: Field, v: number) => Math.max(f.min, Math.min(f.max, v));

const codesOf = (w: Way): string[] => w.kind === 'bits' ? w.bits.flatMap((b) => b.keys)
  : w.kind === 'slider' ? [] : [...w.keys.less, ...w.keys.more];

function slider(field: Field, keys?: Pair): Lever {
  const range = h<HTMLInputElement>('input', { type: 'range', min: field.min, max: field.max });
  const number = h<HTMLInputElement>('input', { type: 'number', min: field.min, max: field.max });
  const set = (v: number) => { range.value = number.value = String(clamp(field, v)); };
  set(0);
  range.addEventListener('input', () => { number.value = range.value; });
  number.addEventListener('input', () => { range.value = number.value; });
  const row = h('div.lever', null, h('span', null, field.name), range, number);
  if (keys) row.append(hint(keys.less), hint(keys.more));
  const pressed = (code: string) => {
    if (keys?.less.includes(code)) set(Number(range.value) - stepOf(field));
    if (keys?.more.includes(code)) set(Number(range.value) + stepOf(field));
  };
  return { field, value: () => Number(range.value) | 0, row, pressed };
}

function hold(button: HTMLButtonElement, pressed: (on: boolean) => void): HTMLButtonElement {
  button.addEventListener('pointerdown', () => pressed(true));
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, () => pressed(false));
  return button;
}
