import { ALLY, FOE, pickupColor } from '../render/palette.ts';
import { h } from '../ui/dom.ts';
import type { ArenaMap } from './map.ts';
import { diamond } from './players.ts';
import type { Actor, Mark, Scene } from './scene.ts';

/** Others are seen on it from so near, or when they have just fired. */
const NEAR = 14, HEARD_MS = 1500;

/** The whole map in a corner. Who watches sees everybody on it. */
export class Minimap {
  readonly root = h<HTMLCanvasElement>('canvas.minimap', { ariaLabel: 'Map' });
  private readonly ctx = this.root.getContext('2d')!;
  private readonly heard = new Map<number, number>();
  private map?: ArenaMap;
  private walls = new Path2D();
  private scale = 1;

  fired(seat: number): void {
    this.heard.set(seat, performance.now());
  }

  update(scene: Scene, now: number): void {
    if (scene.map !== this.map) this.layOut(scene.map);
    const c = this.ctx;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, this.root.width, this.root.height);
    c.scale(this.scale, this.scale);
    c.fillStyle = 'rgba(122,158,240,0.38)';
    c.fill(this.walls);
    for (const p of scene.pickups) if (p.there) this.dot(p.x, p.y, p.kind === 3 ? 0.75 : 0.45, pickupColor(p.kind));
    const { me, eye } = scene;
    for (const a of scene.actors) {
      if (!a.here || a.dead || a === eye) continue;
      const near = !me || Math.hypot(a.x - me.x, a.y - me.y) < NEAR;
      if (a.ally || near || now - (this.heard.get(a.seat) ?? -1e9) < HEARD_MS) this.who(a);
    }
    for (const m of scene.marks) this.mark(m);
    if (eye && !eye.dead) this.arrow(eye.x, eye.y, eye.aim, eye.color);
  }

  private layOut(map: ArenaMap): void {
    this.map = map;
    const ratio = Math.min(2, devicePixelRatio || 1), width = 190;
    this.scale = width * ratio / map.width;
    this.root.width = width * ratio;
    this.root.height = Math.round(map.height * this.scale);
    this.root.style.aspectRatio = `${map.width} / ${map.height}`;
    this.walls = new Path2D();
    for (let y = 0; y < map.height; y++) {
      for (let x = 0; x < map.width; x++) if (map.solid(x, y)) this.walls.rect(x, y, 1.02, 1.02);
    }
  }

  private dot(x: number, y: number, radius: number, color: string): void {
    this.ctx.fillStyle = color;
    this.ctx.beginPath();
    this.ctx.arc(x, y, radius, 0, 7);
    this.ctx.fill();
  }

  /** A foe of one's team is a diamond, anybody else a dot. */
  private who(a: Actor): void {
    if (a.ally !== false) return this.dot(a.x, a.y, 0.8, a.color);
    this.ctx.fillStyle = a.color;
    this.ctx.beginPath();
    diamond(this.ctx, a.x, a.y, 1.15);
    this.ctx.fill();
  }

  private mark(m: Mark): void {
    this.ctx.strokeStyle = m.on ? FOE : ALLY;
    this.ctx.lineWidth = 0.4;
    this.ctx.beginPath();
    this.ctx.arc(m.x, m.y, 1.6 + m.left % 1, 0, 7);
    this.ctx.stroke();
  }

  private arrow(x: number, y: number, aim: number, color: string): void {
    const c = this.ctx;
    c.save();
    c.translate(x, y);
    c.rotate(aim);
    c.fillStyle = color;
    c.beginPath();
    c.moveTo(1.7, 0);
    c.lineTo(-1, 1.05);
    c.lineTo(-0.5, 0);
    c.lineTo(-1, -1.05);
    c.fill();
    c.restore();
  }
}
