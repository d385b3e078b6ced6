import { Button } from '../arena/columns.ts';
import { h, setVar, show } from '../ui/dom.ts';
import type { Controls } from './controls.ts';

const REACH = 56; // CSS pixels of a full push

interface Stick { id: number; x: number; y: number }

/** For fingers: the left half of the screen runs, the right half aims and fires, two buttons dash and rail. */
export class Touch {
  readonly root: HTMLElement;
  /** Whether there is a finger to steer with: as the machine says, or as one has shown. */
  used = matchMedia('(pointer: coarse)').matches;
  private readonly dash = this.button('Dash', Button.dash);
  private readonly rail = this.button('Rail', Button.rail);
  private run?: Stick;
  private aim?: Stick;

  /**
   * @param leave asks whether to leave the match
   * @param scores called with whether the scores are to be shown
   */
  constructor(surface: HTMLElement, private readonly controls: Controls, leave: () => void, scores: (held: boolean) => void) {
    this.root = h('div.touch', { hidden: true },
      h('div.corner', null, h('button.quiet', { type: 'button', onclick: leave }, 'Leave'),
        held(h('button.quiet', { type: 'button' }, 'Scores'), scores)),
      h('div.pads', null, this.dash, this.rail));
    surface.addEventListener('pointerdown', (e) => this.down(e));
    addEventListener('pointermove', (e) => this.move(e));
    for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, (e) => this.up(e));
  }

  /** Shows how much of the wait for each is over. */
  ready(part: { dash: number; rail: number }): void {
    for (const [el, p] of [[this.dash, part.dash], [this.rail, part.rail]] as const) {
      setVar(el, '--part', p);
      el.classList.toggle('ready', p >= 1);
    }
  }

  private button(name: string, bit: number): HTMLElement {
    return held(h('button.pad', { type: 'button' }, name), (on) => {
      if (on) this.controls.push(bit);
      else this.controls.touch &= ~bit;
    });
  }

  private down(e: PointerEvent): void {
    if (e.pointerType !== 'touch' || !this.controls.enabled) return;
    if (!this.used) show(this.root, this.used = true);
    const stick = { id: e.pointerId, x: e.clientX, y: e.clientY };
    if (e.clientX < innerWidth / 2) this.run = stick;
    else this.aim = stick;
  }

  private move(e: PointerEvent): void {
    const way = (s: Stick) => ({ x: (e.clientX - s.x) / REACH, y: (e.clientY - s.y) / REACH });
    if (this.run?.id === e.pointerId) this.controls.stick = way(this.run);
    if (this.aim?.id !== e.pointerId) return;
    const { x, y } = way(this.aim);
    if (Math.hypot(x, y) < 0.25) return;
    this.controls.touchAim = Math.atan2(y, x);
    this.controls.touch |= Button.fire;
  }

  private up(e: PointerEvent): void {
    if (this.run?.id === e.pointerId) {
      this.run = undefined;
      this.controls.stick = { x: 0, y: 0 };
    }
    if (this.aim?.id === e.pointerId) {
      this.aim = undefined;
      this.controls.touch &= ~Button.fire;
    }
  }
}

/** Calls with true while a finger is on the button. */
function held(button: HTMLElement, call: (on: boolean) => void): HTMLElement {
  button.addEventListener('pointerdown', (e) => { e.preventDefault(); call(true); });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) button.addEventListener(end, () => call(false));
  return button;
}
