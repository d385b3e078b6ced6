import type { Camera } from './camera.ts';
import { VOID } from './palette.ts';

/** The canvas that fills the window, for one picture at a time. */
export class Screen {
  readonly ctx: CanvasRenderingContext2D;
  /** Device pixels of one of CSS. */
  ratio = 1;
  private readonly cameras: Camera[] = [];

  constructor(readonly canvas: HTMLCanvasElement) {
    this.ctx = canvas.getContext('2d', { alpha: false })!;
    addEventListener('resize', () => this.resize());
    this.resize();
  }

  /** Tells a camera how large the window is, from now on. */
  fit(camera: Camera): void {
    this.cameras.push(camera);
    camera.resize(innerWidth, innerHeight);
  }

  private resize(): void {
    // Above two device pixels for one of CSS nobody sees more, but all pay.
    this.ratio = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(innerWidth * this.ratio);
    this.canvas.height = Math.round(innerHeight * this.ratio);
    for (const c of this.cameras) c.resize(innerWidth, innerHeight);
  }

  /** Begins a picture. */
  clear(): CanvasRenderingContext2D {
    const ctx = this.ctx;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = VOID;
    ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    return ctx;
  }

  /** One draws in CSS pixels from here on. */
  flat(): void {
    this.ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }
}
