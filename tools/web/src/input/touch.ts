import { h, setVar, show } from '../ui/dom.ts';
import type { Controls } from './controls.ts';

const REACH = 56; // CSS pixels of a full push

interface Stick { id: number; x: number; y: number }

/** A round button under the thumb. */
export interface Pad { name: string; bit: number }

/** For fingers: the left half of the screen runs, the right half aims and fires, pads do the rest. */
export class Touch {
  readonly root: HTMLElement;
  /** Whether there is a finger to steer with: as the machine says, or as one has shown. */
  used = matchMedia('(pointer: coarse)').matches;
  private readonly pads: HTMLElement[];
  private run?: Stick;
  private aim?: Stick;

  /**
   * @param leave asks whether to leave the match
   * @param scores called with whether the scores are to be shown
   * @param fire the button that aiming holds; 0: all of the screen runs
   */
  constructor(surface: HTMLElement, private readonly controls: Controls, leave: () => void, scores: (held: boolean) => void,
    pads: Pad[], private readonly fire: number) {
    this.pads = pads.map((p) => this.button(p));
    this.root = h('div.touch', { hidden: true },
      h('div.corner', null, h('button.quiet', { type: 'button', onclick: leave }, 'Leave'),
        held(h('button.quiet', { type: 'button' }, 'Scores'), scores)),
      h('div.pads', null, ...this.pads));
    surface.addEventListener('pointerdown', (e) => this.down(e));
    addEventListener('pointermove', (e) => this.move(e));
    for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, (e) => this.up(e));
  }

  /** Shows how much of the wait for each pad is over, and no pads but these. */
  ready(...parts: number[]): void {
    this.pads.forEach((el, i) => {
      show(el, i < parts.length);
      if (i >= parts.length) return;
      setVar(el, '--part', parts[i]);
      el.classList.toggle('ready', parts[i] >= 1);
    });
  }

  private button({ name, bit }: Pad): HTMLElement {
    return held(h('button.pad', { type: 'button' }, name), (on) => {
      if (on) this.controls.touched(bit);
      else this.controls.touch &= ~bit;
    });
  }

  private down(e: PointerEvent): void {
    if (e.pointerType !== 'touch' || !this.controls.enabled) return;
    if (!this.used) show(this.root, this.used = true);
    const stick = { id: e.pointerId, x: e.clientX, y: e.clientY };
    if (this.fire === 0 || e.clientX < innerWidth / 2) this.run = stick;
    else this.aim = stick;
  }

  private move(e: PointerEvent): void {
    const way = (s: Stick) => ({ x: (e.clientX - s.x) / REACH, y: (e.clientY - s.y) / REACH });
    if (this.run?.id === e.pointerId) this.controls.stick = way(this.run);
    if (this.aim?.id !== e.pointerId) return;
    const { x, y } = way(this.aim);
    if (Math.hypot(x, y) < 0.25) return;
    this.controls.touchAim = Math.atan2(y, x);
    this.controls.touch |= this.fire;
  }

  private up(e: PointerEvent): void {
    if (this.run?.id === e.pointerId) {
      this.run = undefined;
      this.controls.stick = { x: 0, y: 0 };
    }
    if (this.aim?.id === e.pointerId) {
      this.aim = undefined;
      this.controls.touch &= ~this.fire;
    }
  }
}

/** Calls with true while a finger is on the button. */
function held(button: HTMLElement, call: (on: boolean) => void): HTMLElement {
  button.addEventListener('pointerdown', (e) => { e.preventDefault(); call(true); });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) button.addEventListener(end, () => call(false));
  return button;
}
