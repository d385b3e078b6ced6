// Inputs for any game, made from the schema: buttons for bits, the arrow keys
// for what goes from -1 to 1, sliders for the rest.

import type { Field } from '@muster/client';
import { h } from '../ui/dom.ts';

/** What one field says now. */
interface Lever { field: Field; value: () => number; row: HTMLElement }

const ACROSS = /^(right|x|dx|move_?x|horizontal|turn|steer)$/i, DOWN = /^(down|y|dy|move_?y|vertical)$/i, UP = /^(up|forward|thrust)$/i;

export class Steer {
  readonly root = h('div.steer');
  private readonly held = new Set<string>();
  private levers: Lever[] = [];
  private bits = 0;

  constructor() {
    addEventListener('keydown', (e) => this.key(e, true));
    addEventListener('keyup', (e) => this.key(e, false));
    addEventListener('blur', () => this.held.clear());
  }

  offer(fields: Field[]): void {
    this.bits = 0;
    const axes = axesOf(fields);
    this.levers = fields.map((f, i) => f.bits ? this.buttons(f) : axes[i] ? this.axis(f, axes[i]) : this.slider(f));
    this.root.replaceChildren(...this.levers.map((l) => l.row));
    if (fields.length === 0) this.root.textContent = 'This game takes no inputs.';
  }

  sample(values: Int32Array): void {
    this.levers.forEach((l, i) => { values[i] = Math.max(l.field.min, Math.min(l.field.max, l.value())); });
  }

  private key(e: KeyboardEvent, down: boolean): void {
    if (e.target instanceof HTMLInputElement && e.target.type === 'number') return;
    if (!/^(Arrow|Digit|Space)/.test(e.code) || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    if (down) this.held.add(e.code);
    else this.held.delete(e.code);
  }

  private axis(field: Field, [less, more]: [string, string]): Lever {
    let pushed = 0;
    const button = (by: number, name: string) => hold(h<HTMLButtonElement>('button', { type: 'button' }, name), (on) => { pushed = on ? by : 0; });
    const row = h('div.lever', null, h('span', null, field.name), button(-1, '−'), button(1, '+'), h('kbd', null, `${less} ${more}`.replaceAll('Arrow', '')));
    const value = () => pushed + (this.held.has(more) ? 1 : 0) - (this.held.has(less) ? 1 : 0);
    return { field, value, row };
  }

  private buttons(field: Field): Lever {
    const row = h('div.lever', null, h('span', null, field.name));
    let toggled = 0;
    const keys: [string, number][] = [];
    for (let bit = 0; bit < 31 && 1 << bit <= field.max; bit++) {
      if (!(field.max & 1 << bit)) continue;
      const n = ++this.bits, box = h<HTMLInputElement>('input', { type: 'checkbox' });
      box.addEventListener('change', () => { toggled ^= 1 << bit; });
      row.append(h('label.bit', null, box, n <= 9 ? h('kbd', null, n === 1 ? '1 Space' : String(n)) : String(1 << bit)));
      if (n <= 9) keys.push([`Digit${n}`, 1 << bit]);
      if (n === 1) keys.push(['Space', 1 << bit]);
    }
    const value = () => keys.reduce((v, [key, bit]) => this.held.has(key) ? v | bit : v, toggled);
    return { field, value, row };
  }

  private slider(field: Field): Lever {
    const at = Math.max(field.min, Math.min(field.max, 0));
    const range = h<HTMLInputElement>('input', { type: 'range', min: field.min, max: field.max });
    const number = h<HTMLInputElement>('input', { type: 'number', min: field.min, max: field.max });
    range.value = number.value = String(at);
    range.addEventListener('input', () => { number.value = range.value; });
    number.addEventListener('input', () => { range.value = number.value; });
    return { field, value: () => Number(range.value) | 0, row: h('div.lever', null, h('span', null, field.name), range, number) };
  }
}

/** Which two keys push which field: by name, else the first across and the second down. */
function axesOf(fields: Field[]): ([string, string] | undefined)[] {
  const across: [string, string] = ['ArrowLeft', 'ArrowRight'], down: [string, string] = ['ArrowUp', 'ArrowDown'];
  const free = [across, down];
  const is = (f: Field) => !f.bits && f.min === -1 && f.max === 1;
  const take = (pair: [string, string]) => { free.splice(free.indexOf(pair), 1); return pair; };
  const axes = fields.map((f): [string, string] | undefined => {
    if (!is(f)) return undefined;
    if (ACROSS.test(f.name) && free.includes(across)) return take(across);
    if (DOWN.test(f.name) && free.includes(down)) return take(down);
    if (UP.test(f.name) && free.includes(down)) { take(down); return ['ArrowDown', 'ArrowUp']; }
    return undefined;
  });
  return axes.map((a, i) => a ?? (is(fields[i]) ? free.shift() : undefined));
}

function hold(button: HTMLButtonElement, pressed: (on: boolean) => void): HTMLButtonElement {
  button.addEventListener('pointerdown', () => pressed(true));
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, () => pressed(false));
  return button;
}
