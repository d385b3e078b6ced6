import { ME } from '../render/palette.ts';
import type { Camera } from '../render/camera.ts';
import { h } from '../ui/dom.ts';
import type { World } from './world.ts';

const SIDE = 150, EVERY_MS = 60;

/** The zone in a corner: where one is, what one sees, and who is near. */
export class SwarmMap {
  readonly root = h<HTMLCanvasElement>('canvas.minimap.zone', { ariaLabel: 'Map', width: 2 * SIDE, height: 2 * SIDE });
  private readonly ctx = this.root.getContext('2d')!;
  private drawnAt = 0;

  update(world: World, camera: Camera, now: number): void {
    if (now - this.drawnAt < EVERY_MS) return;
    this.drawnAt = now;
    const c = this.ctx, { low, high } = world.bounds, scale = 2 * SIDE / (high - low), pixel = 1 / scale;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, 2 * SIDE, 2 * SIDE);
    c.setTransform(scale, 0, 0, scale, -low * scale, -low * scale);
    this.quarters(low, high, pixel);
    const wide = camera.width / camera.scale, tall = camera.height / camera.scale;
    c.strokeStyle = 'rgba(232,238,252,0.35)';
    c.lineWidth = 2 * pixel;
    c.strokeRect(camera.x - wide / 2, camera.y - tall / 2, wide, tall);
    for (const b of world.blobs) if (!b.who.me) this.dot(b.x, b.y, Math.max(b.r, 3 * pixel), b.who.color);
    if (!world.self.dead) this.dot(world.eye.x, world.eye.y, Math.max(world.self.r, 7 * pixel), world.watched ? world.who(world.seat).color : ME);
  }

  private quarters(low: number, high: number, pixel: number): void {
    const c = this.ctx;
    c.strokeStyle = 'rgba(140,172,255,0.16)';
    c.lineWidth = pixel;
    c.beginPath();
    for (let i = 1; i < 4; i++) {
      const at = low + (high - low) * i / 4;
      c.moveTo(at, low); c.lineTo(at, high);
      c.moveTo(low, at); c.lineTo(high, at);
    }
    c.stroke();
  }

  private dot(x: number, y: number, radius: number, color: string): void {
    this.ctx.fillStyle = color;
    this.ctx.beginPath();
    this.ctx.arc(x, y, radius, 0, 7);
    this.ctx.fill();
  }
}
