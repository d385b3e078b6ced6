import type { Say } from '../arena/predict.ts';
import { Button } from '../arena/columns.ts';
import { direction } from '../arena/angle.ts';

const WAYS: Record<string, [number, number]> = {
  KeyW: [0, -1], ArrowUp: [0, -1], KeyS: [0, 1], ArrowDown: [0, 1],
  KeyA: [-1, 0], ArrowLeft: [-1, 0], KeyD: [1, 0], ArrowRight: [1, 0],
};
const BUTTONS: Record<string, number> = { Space: Button.dash, ShiftLeft: Button.dash, ShiftRight: Button.dash, KeyE: Button.rail, KeyF: Button.fire, KeyQ: Button.mark };

/** Keyboard and mouse (and what touch puts in), as the arena's inputs want them. */
export class Controls {
  /** The pointer, in CSS pixels. */
  pointerX = innerWidth / 2;
  pointerY = innerHeight / 2;
  enabled = false;
  /** What touch says, besides the keys: a stick within the unit circle, and buttons. */
  stick = { x: 0, y: 0 };
  touch = 0;
  /** An angle that touch aims at, instead of the pointer. */
  touchAim?: number;

  private readonly keys = new Set<string>();
  private mouse = 0;
  /** Pressed since the last input, so that no short press is lost between two. */
  private pressed = 0;

  constructor(canvas: HTMLElement) {
    addEventListener('keydown', (e) => this.key(e, true));
    addEventListener('keyup', (e) => this.key(e, false));
    addEventListener('blur', () => this.release());
    document.addEventListener('visibilitychange', () => this.release());
    addEventListener('pointermove', (e) => {
      if (e.pointerType === 'touch') return;
      this.pointerX = e.clientX;
      this.pointerY = e.clientY;
      this.touchAim = undefined;
    });
    canvas.addEventListener('pointerdown', (e) => { if (e.pointerType !== 'touch') this.press(e.buttons); });
    addEventListener('pointerup', (e) => { if (e.pointerType !== 'touch') this.press(e.buttons); });
    canvas.addEventListener('contextmenu', (e) => e.preventDefault());
  }

  /** What the player says now. from is where it stands on the screen. */
  say(fromX: number, fromY: number): Say {
    const aim = this.touchAim ?? Math.atan2(this.pointerY - fromY, this.pointerX - fromX);
    return { move: this.way(), aim: direction(aim), buttons: this.held() | this.pressed };
  }

  /** An input has been made of it. */
  taken(): void {
    this.pressed = 0;
  }

  /** A button of touch goes down: it counts even if it is up again before the next input. */
  push(button: number): void {
    this.touch |= button;
    this.pressed |= button;
  }

  /** Lets go of everything. */
  release(): void {
    this.keys.clear();
    this.mouse = this.pressed = this.touch = 0;
    this.stick = { x: 0, y: 0 };
  }

  private press(buttons: number): void {
    if (!this.enabled) return;
    this.mouse = (buttons & 1 ? Button.fire : 0) | (buttons & 2 ? Button.rail : 0) | (buttons & 4 ? Button.mark : 0);
    this.pressed |= this.mouse;
  }

  private key(e: KeyboardEvent, down: boolean): void {
    if (!this.enabled || e.ctrlKey || e.metaKey || e.altKey) return;
    if (!(e.code in WAYS) && !(e.code in BUTTONS)) return;
    e.preventDefault();
    if (!down) {
      this.keys.delete(e.code);
      return;
    }
    this.keys.add(e.code);
    this.pressed |= BUTTONS[e.code] ?? 0;
  }

  private held(): number {
    let buttons = this.mouse | this.touch;
    for (const k of this.keys) buttons |= BUTTONS[k] ?? 0;
    return buttons;
  }

  /** 0, or 1 + the nearest of sixteen directions. */
  private way(): number {
    let x = this.stick.x, y = this.stick.y;
    for (const k of this.keys) {
      x += WAYS[k]?.[0] ?? 0;
      y += WAYS[k]?.[1] ?? 0;
    }
    if (Math.hypot(x, y) < 0.3) return 0;
    return 1 + (Math.round(Math.atan2(y, x) * 8 / Math.PI) & 15);
  }
}
