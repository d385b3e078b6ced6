import { Camera } from '../render/camera.ts';
import { Effects } from '../render/effects.ts';
import { drawGrid, paintLight } from '../render/grid.ts';
import { TEXT, WALL_EDGE, colorOf, fade } from '../render/palette.ts';
import type { Screen } from '../render/screen.ts';
import type { Blob, Thing, World } from './world.ts';

const TURN = Math.PI * 2;
const PELLET = 0.11, SPIKE_COLOR = '#39d98a';
/** Seconds in which what appears grows to its size. */
const BLOOM = 0.35;
/** How long a pellet takes into a mouth, in seconds, and how long a blob that is eaten. */
const SUCK = 0.14, SWALLOW = 0.22;

/** Something eaten, on its way into who ate it. */
interface Morsel { x: number; y: number; r: number; color: string; by: Blob; age: number; life: number }

/** Draws the swarm: floor, food and blobs, the largest above. */
export class SwarmRenderer {
  readonly camera = new Camera();
  readonly effects = new Effects();
  private morsels: Morsel[] = [];
  private readonly floor = light();
  private readonly sprites = new Map<string, HTMLCanvasElement>();
  private time = 0;

  constructor(private readonly screen: Screen) {
    screen.fit(this.camera);
  }

  /** A pellet is eaten. */
  grazed(by: Blob, x: number, y: number, slot: number): void {
    this.morsels.push({ x, y, r: PELLET, color: pelletColor(slot), by, age: 0, life: SUCK });
  }

  swallowed(by: Blob, what: Blob): void {
    this.morsels.push({ x: what.x, y: what.y, r: what.r, color: what.who.color, by, age: 0, life: SWALLOW });
    if (by.who !== what.who) this.effects.burst(what.x, what.y, 0, Math.PI, Math.min(40, 10 + what.r * 12), 3 + what.r * 2, what.who.color);
  }

  draw(world: World, seconds: number): void {
    this.time += seconds;
    this.effects.update(seconds);
    this.morsels = this.morsels.filter((m) => (m.age += seconds) < m.life);
    const ctx = this.screen.clear(), camera = this.camera;
    camera.apply(ctx, this.screen.ratio);
    this.drawFloor(ctx, world.bounds);
    for (const p of world.pellets) if (camera.sees(p.x, p.y, 1)) this.drawPellet(ctx, p);
    this.drawMorsels(ctx);
    this.drawBodies(ctx, world);
    this.effects.drawOver(ctx, camera);
    this.screen.flat();
    for (const b of world.blobs) if (camera.sees(b.x, b.y, b.r)) drawName(ctx, b, camera);
    this.effects.drawWords(ctx, camera);
  }

  private drawFloor(ctx: CanvasRenderingContext2D, { low, high }: { low: number; high: number }): void {
    const side = high - low;
    ctx.drawImage(this.floor, low, low, side, side);
    drawGrid(ctx, this.camera, { x: low, y: low }, { x: high, y: high });
    for (const [width, color] of [[0.5, fade('#88acff', 0.08)], [0.22, fade('#88acff', 0.16)], [0.07, WALL_EDGE]] as const) {
      ctx.lineWidth = width;
      ctx.strokeStyle = color;
      ctx.strokeRect(low, low, side, side);
    }
  }

  private drawPellet(ctx: CanvasRenderingContext2D, p: Thing): void {
    const size = PELLET * 5 * grown(p.age) * (1 + 0.1 * Math.sin(this.time * 2.6 + p.slot));
    ctx.drawImage(this.sprite(pelletColor(p.slot)), p.x - size / 2, p.y - size / 2, size, size);
  }

  /** A dot with its glow, painted once. */
  private sprite(color: string): HTMLCanvasElement {
    let s = this.sprites.get(color);
    if (s) return s;
    s = document.createElement('canvas');
    s.width = s.height = 64;
    const c = s.getContext('2d')!, g = c.createRadialGradient(32, 32, 0, 32, 32, 32);
    for (const [at, c, a] of [[0, '#ffffff', 1], [0.16, color, 1], [0.36, color, 1], [0.42, color, 0.28], [1, color, 0]] as const) g.addColorStop(at, fade(c, a));
    c.fillStyle = g;
    c.fillRect(0, 0, 64, 64);
    this.sprites.set(color, s);
    return s;
  }

  private drawMorsels(ctx: CanvasRenderingContext2D): void {
    for (const m of this.morsels) {
      const t = m.age / m.life;
      ctx.fillStyle = fade(m.color, 1 - t * t);
      disc(ctx, m.x + (m.by.x - m.x) * t, m.y + (m.by.y - m.y) * t, m.r * (1 - 0.6 * t));
    }
  }

  /** Blobs lie above all that is smaller: who is small hides under spikes. */
  private drawBodies(ctx: CanvasRenderingContext2D, world: World): void {
    let spikes = world.spikes.filter((s) => this.camera.sees(s.x, s.y, 2));
    for (const b of world.blobs) {
      if (b.r > world.spike) {
        for (const s of spikes) drawSpike(ctx, s, world.spike, this.time);
        spikes = [];
      }
      if (this.camera.sees(b.x, b.y, b.r * 1.4)) drawBlob(ctx, b, this.camera.scale, this.time);
    }
    for (const s of spikes) drawSpike(ctx, s, world.spike, this.time);
  }
}

/** The zone's floor, to be drawn out to its size. */
function light(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 256;
  paintLight(canvas.getContext('2d')!, 256, 256);
  return canvas;
}

const pelletColor = (slot: number) => colorOf(slot * 7, false);

/** Overshoots a little, as what is soft does. */
function grown(age: number): number {
  const t = Math.min(1, age / BLOOM);
  return t < 1 ? 1 + 2.2 * (t - 1) ** 3 + 1.2 * (t - 1) ** 2 : 1;
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, Math.max(0, radius), 0, TURN);
  ctx.fill();
}

function drawBlob(ctx: CanvasRenderingContext2D, b: Blob, scale: number, time: number): void {
  const r = b.r * grown(b.age), { color, me } = b.who;
  ctx.save();
  ctx.translate(b.x, b.y);
  ctx.fillStyle = 'rgba(0,0,0,0.3)';
  disc(ctx, r * 0.06 + 0.03, r * 0.08 + 0.04, r * 1.01);
  const glow = ctx.createRadialGradient(0, 0, r * 0.9, 0, 0, r * (me ? 1.5 : 1.28));
  glow.addColorStop(0, fade(color, me ? 0.34 : 0.18));
  glow.addColorStop(1, fade(color, 0));
  ctx.fillStyle = glow;
  disc(ctx, 0, 0, r * 1.5);
  membrane(ctx, b, r, scale, time);
  const body = ctx.createRadialGradient(-r * 0.3, -r * 0.35, r * 0.05, 0, 0, r);
  body.addColorStop(0, fade(color, 1));
  body.addColorStop(0.72, fade(color, 0.86));
  body.addColorStop(1, fade(color, 0.66));
  ctx.fillStyle = '#0d1424';
  ctx.fill();
  ctx.fillStyle = body;
  ctx.fill();
  ctx.lineWidth = 0.035 + r * 0.05;
  ctx.strokeStyle = me ? fade('#ffffff', 0.85) : fade(color, 1);
  ctx.stroke();
  ctx.fillStyle = 'rgba(255,255,255,0.2)'; // light from the upper left
  ctx.beginPath();
  ctx.ellipse(-r * 0.38, -r * 0.46, r * 0.3, r * 0.17, -0.7, 0, TURN);
  ctx.fill();
  ctx.restore();
}

/** The outline: round, a little uneasy, and drawn out along the way it goes. */
function membrane(ctx: CanvasRenderingContext2D, b: Blob, r: number, scale: number, time: number): void {
  const points = Math.max(28, Math.min(96, Math.round(r * scale)));
  const speed = Math.hypot(b.vx, b.vy), way = Math.atan2(b.vy, b.vx), out = Math.min(0.05, speed * 0.009);
  ctx.beginPath();
  for (let i = 0; i < points; i++) {
    const a = i / points * TURN;
    const ripple = 0.011 * Math.sin(a * 5 + time * 2.2 + b.slot) + 0.008 * Math.sin(a * 3 - time * 1.7 + b.slot * 2);
    const at = r * (1 + ripple + out * Math.cos(2 * (a - way)));
    ctx.lineTo(Math.cos(a) * at, Math.sin(a) * at);
  }
  ctx.closePath();
}

function drawSpike(ctx: CanvasRenderingContext2D, s: Thing, radius: number, time: number): void {
  const r = radius * grown(s.age), teeth = 18;
  ctx.save();
  ctx.translate(s.x, s.y);
  ctx.rotate(time * 0.15 + s.slot);
  ctx.beginPath();
  for (let i = 0; i < 2 * teeth; i++) {
    const a = i / teeth / 2 * TURN, at = i & 1 ? r * 0.86 : r * 1.08;
    ctx.lineTo(Math.cos(a) * at, Math.sin(a) * at);
  }
  ctx.closePath();
  const g = ctx.createRadialGradient(0, 0, 0, 0, 0, r);
  g.addColorStop(0, fade(SPIKE_COLOR, 0.16));
  g.addColorStop(1, fade(SPIKE_COLOR, 0.55));
  ctx.fillStyle = g;
  ctx.fill();
  ctx.lineJoin = 'round';
  ctx.lineWidth = 0.06;
  ctx.strokeStyle = SPIKE_COLOR;
  ctx.stroke();
  ctx.restore();
}

/** Name and mass on a blob that is large enough to be written on, in CSS pixels. */
function drawName(ctx: CanvasRenderingContext2D, b: Blob, camera: Camera): void {
  const wide = b.r * camera.scale;
  if (wide < 15) return;
  const x = camera.screenX(b.x), y = camera.screenY(b.y), size = Math.max(10, Math.min(34, wide * 0.34));
  ctx.textAlign = 'center';
  ctx.lineJoin = 'round';
  const write = (text: string, at: number, size: number, weight: number) => {
    ctx.font = `${weight} ${size}px system-ui, sans-serif`;
    ctx.lineWidth = Math.max(2.5, size / 6);
    ctx.strokeStyle = 'rgba(4,8,16,0.72)';
    ctx.strokeText(text, x, at);
    ctx.fillStyle = TEXT;
    ctx.fillText(text, x, at);
  };
  write(b.who.name, y + size * 0.34, size, 700);
  if (wide > 36) write(String(b.mass), y + size * 1.3, size * 0.62, 600);
}
