const WAYS: Record<string, [number, number]> = {
  KeyW: [0, -1], ArrowUp: [0, -1], KeyS: [0, 1], ArrowDown: [0, 1],
  KeyA: [-1, 0], ArrowLeft: [-1, 0], KeyD: [1, 0], ArrowRight: [1, 0],
};

/** Which buttons of a game's inputs are held by keys, by their code, and by the mouse: left, right, middle. */
export interface Bindings { keys: Record<string, number>; mouse: [number, number, number] }

/** Keyboard and mouse, and what touch puts in. */
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

  constructor(canvas: HTMLElement, private readonly bound: Bindings) {
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

  /** Where the player aims, in radians. from is where it stands on the screen. */
  aim(fromX: number, fromY: number): number {
    return this.touchAim ?? Math.atan2(this.pointerY - fromY, this.pointerX - fromX);
  }

  /** Held now, or pressed since the last input. */
  get buttons(): number {
    let buttons = this.mouse | this.touch | this.pressed;
    for (const k of this.keys) buttons |= this.bound.keys[k] ?? 0;
    return buttons;
  }

  /** Where keys and stick push, at about 1 with all they have. */
  get push(): { x: number; y: number } {
    let { x, y } = this.stick;
    for (const k of this.keys) {
      x += WAYS[k]?.[0] ?? 0;
      y += WAYS[k]?.[1] ?? 0;
    }
    return { x, y };
  }

  /** An input has been made of it. */
  taken(): void {
    this.pressed = 0;
  }

  /** A button of touch goes down: it counts even if it is up again before the next input. */
  touched(button: number): void {
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
    this.mouse = this.bound.mouse.reduce((all, b, i) => buttons & 1 << i ? all | b : all, 0);
    this.pressed |= this.mouse;
  }

  private key(e: KeyboardEvent, down: boolean): void {
    if (!this.enabled || e.ctrlKey || e.metaKey || e.altKey) return;
    if (!(e.code in WAYS) && !(e.code in this.bound.keys)) return;
    e.preventDefault();
    if (!down) {
      this.keys.delete(e.code);
      return;
    }
    this.keys.add(e.code);
    this.pressed |= this.bound.keys[e.code] ?? 0;
  }
}
