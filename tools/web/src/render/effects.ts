// What flashes up and is gone: sparks, beams, rings, floating words. Purely
// for the eye; nothing of the match depends on it.

import type { Camera } from './camera.ts';
import { fade } from './palette.ts';

const MOST = 700;

interface Fleeting { age: number; life: number }
interface Beam extends Fleeting { x0: number; y0: number; x1: number; y1: number; color: string }
interface Ring extends Fleeting { x: number; y: number; from: number; to: number; color: string; width: number }
interface Flash extends Fleeting { x: number; y: number; aim: number; color: string }
interface Ghost extends Fleeting { x: number; y: number; color: string }
interface Word extends Fleeting { x: number; y: number; text: string; color: string; size: number }
interface Stain extends Fleeting { x: number; y: number; color: string; size: number }

export class Effects {
  // Sparks, in columns; the oldest gives way.
  private readonly x = new Float32Array(MOST);
  private readonly y = new Float32Array(MOST);
  private readonly vx = new Float32Array(MOST);
  private readonly vy = new Float32Array(MOST);
  private readonly age = new Float32Array(MOST).fill(1e9);
  private readonly life = new Float32Array(MOST).fill(1);
  private readonly size = new Float32Array(MOST);
  private readonly color: string[] = new Array<string>(MOST).fill('#fff');
  private at = 0;

  private beams: Beam[] = [];
  private rings: Ring[] = [];
  private flashes: Flash[] = [];
  private ghosts: Ghost[] = [];
  private words: Word[] = [];
  private stains: Stain[] = [];

  spark(x: number, y: number, aim: number, speed: number, color: string, life: number, size: number): void {
    const i = this.at;
    this.at = (i + 1) % MOST;
    this.x[i] = x;
    this.y[i] = y;
    this.vx[i] = Math.cos(aim) * speed;
    this.vy[i] = Math.sin(aim) * speed;
    this.age[i] = 0;
    this.life[i] = life;
    this.size[i] = size;
    this.color[i] = color;
  }

  /** Sparks that fly about a direction, or everywhere if wide is π. */
  burst(x: number, y: number, aim: number, wide: number, count: number, speed: number, color: string): void {
    for (let i = 0; i < count; i++) {
      this.spark(x, y, aim + (Math.random() * 2 - 1) * wide, speed * (0.25 + Math.random()), color,
        0.15 + Math.random() * 0.35, 0.04 + Math.random() * 0.05);
    }
  }

  beam(x0: number, y0: number, x1: number, y1: number, color: string): void {
    this.beams.push({ x0, y0, x1, y1, color, age: 0, life: 0.45 });
  }

  ring(x: number, y: number, from: number, to: number, color: string, life = 0.4, width = 0.12): void {
    this.rings.push({ x, y, from, to, color, age: 0, life, width });
  }

  flash(x: number, y: number, aim: number, color: string): void {
    this.flashes.push({ x, y, aim, color, age: 0, life: 0.07 });
  }

  /** The shape of one who was here a moment ago. */
  ghost(x: number, y: number, color: string): void {
    this.ghosts.push({ x, y, color, age: 0, life: 0.28 });
  }

  word(x: number, y: number, text: string, color: string, size = 15): void {
    this.words.push({ x: x + (Math.random() - 0.5) * 0.3, y, text, color, size, age: 0, life: 0.9 });
  }

  death(x: number, y: number, color: string): void {
    this.burst(x, y, 0, Math.PI, 34, 7, color);
    this.burst(x, y, 0, Math.PI, 14, 4, '#ffffff');
    this.ring(x, y, 0.2, 1.7, color, 0.5, 0.2);
    this.ring(x, y, 0.1, 0.9, '#ffffff', 0.25, 0.1);
    this.stains.push({ x, y, color, size: 0.9, age: 0, life: 9 });
  }

  update(seconds: number): void {
    const slow = Math.exp(-seconds * 4.5);
    for (let i = 0; i < MOST; i++) {
      this.age[i] += seconds;
      this.x[i] += this.vx[i] * seconds;
      this.y[i] += this.vy[i] * seconds;
      this.vx[i] *= slow;
      this.vy[i] *= slow;
    }
    const older = <T extends Fleeting>(list: T[]) => list.filter((e) => (e.age += seconds) < e.life);
    this.beams = older(this.beams);
    this.rings = older(this.rings);
    this.flashes = older(this.flashes);
    this.ghosts = older(this.ghosts);
    this.words = older(this.words);
    this.stains = older(this.stains);
  }

  /** Below the players. */
  drawUnder(ctx: CanvasRenderingContext2D): void {
    for (const s of this.stains) {
      const a = Math.min(1, (s.life - s.age) / 3) * 0.5;
      const g = ctx.createRadialGradient(s.x, s.y, 0, s.x, s.y, s.size);
      g.addColorStop(0, `rgba(2,4,8,${a * 1.4})`);
      g.addColorStop(0.6, fade(s.color, a * 0.16));
      g.addColorStop(1, fade(s.color, 0));
      ctx.fillStyle = g;
      disc(ctx, s.x, s.y, s.size);
    }
    for (const g of this.ghosts) {
      ctx.fillStyle = fade(g.color, 0.32 * (1 - g.age / g.life));
      disc(ctx, g.x, g.y, 0.36 * (1 - 0.4 * g.age / g.life));
    }
  }

  /** Above all, adding light. */
  drawOver(ctx: CanvasRenderingContext2D, camera: Camera): void {
    ctx.globalCompositeOperation = 'lighter';
    ctx.lineCap = 'round';
    for (const b of this.beams) drawBeam(ctx, b);
    for (const r of this.rings) {
      const t = r.age / r.life, radius = r.from + (r.to - r.from) * (1 - (1 - t) * (1 - t));
      ctx.lineWidth = r.width * (1 - t) + 0.01;
      ctx.strokeStyle = fade(r.color, 0.8 * (1 - t));
      ctx.beginPath();
      ctx.arc(r.x, r.y, radius, 0, 7);
      ctx.stroke();
    }
    for (const f of this.flashes) drawFlash(ctx, f);
    this.drawSparks(ctx, camera);
    ctx.globalCompositeOperation = 'source-over';
  }

  private drawSparks(ctx: CanvasRenderingContext2D, camera: Camera): void {
    for (let i = 0; i < MOST; i++) {
      const left = 1 - this.age[i] / this.life[i];
      if (left <= 0 || !camera.sees(this.x[i], this.y[i], 1)) continue;
      ctx.strokeStyle = fade(this.color[i], left);
      ctx.lineWidth = this.size[i] * (0.4 + 0.6 * left);
      ctx.beginPath();
      ctx.moveTo(this.x[i], this.y[i]);
      ctx.lineTo(this.x[i] - this.vx[i] * 0.03, this.y[i] - this.vy[i] * 0.03);
      ctx.stroke();
    }
  }

  /** In CSS pixels, as text is. */
  drawWords(ctx: CanvasRenderingContext2D, camera: Camera): void {
    ctx.textAlign = 'center';
    for (const w of this.words) {
      const t = w.age / w.life;
      ctx.globalAlpha = Math.min(1, 2.5 * (1 - t));
      ctx.font = `800 ${w.size * (t < 0.12 ? 0.7 + t * 4 : 1.18 - 0.18 * t)}px system-ui, sans-serif`;
      ctx.lineWidth = 3;
      ctx.strokeStyle = 'rgba(4,7,14,0.8)';
      const x = camera.screenX(w.x), y = camera.screenY(w.y - 0.9 - t * 0.9);
      ctx.strokeText(w.text, x, y);
      ctx.fillStyle = w.color;
      ctx.fillText(w.text, x, y);
    }
    ctx.globalAlpha = 1;
  }
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 7);
  ctx.fill();
}

function drawBeam(ctx: CanvasRenderingContext2D, b: Beam): void {
  const left = 1 - b.age / b.life;
  for (const [width, alpha, color] of [[0.5, 0.16, b.color], [0.2, 0.5, b.color], [0.07, 1, '#ffffff']] as const) {
    ctx.lineWidth = width * left * left;
    ctx.strokeStyle = fade(color, alpha * left);
    ctx.beginPath();
    ctx.moveTo(b.x0, b.y0);
    ctx.lineTo(b.x1, b.y1);
    ctx.stroke();
  }
}

function drawFlash(ctx: CanvasRenderingContext2D, f: Flash): void {
  const left = 1 - f.age / f.life;
  ctx.save();
  ctx.translate(f.x, f.y);
  ctx.rotate(f.aim);
  const g = ctx.createRadialGradient(0, 0, 0, 0, 0, 0.75);
  g.addColorStop(0, fade('#ffffff', 0.9 * left));
  g.addColorStop(0.3, fade(f.color, 0.6 * left));
  g.addColorStop(1, fade(f.color, 0));
  ctx.fillStyle = g;
  ctx.beginPath();
  ctx.ellipse(0.22, 0, 0.75, 0.34, 0, 0, 7);
  ctx.fill();
  ctx.restore();
}
