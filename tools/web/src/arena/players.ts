import type { Camera } from '../render/camera.ts';
import { ALLY, DANGER, FOE, HEALTH, MEGA, TEXT, fade, pickupColor } from '../render/palette.ts';
import type { Actor, Bolt, Mark, Pickup } from './scene.ts';

const RADIUS = 48 / 128;
const TURN = Math.PI * 2;
/** Where bolts leave the weapon, in metres from the middle. */
const MUZZLE = 0.55;

/** How a player looks beyond what the match says: all in seconds left. */
export interface Look { recoil: number; hurt: number }

export function drawPlayer(ctx: CanvasRenderingContext2D, a: Actor, look: Look, time: number): void {
  ctx.save();
  ctx.translate(a.x, a.y);
  shadow(ctx);
  glow(ctx, a);
  if (a.ally !== undefined && !a.me) badge(ctx, a);
  ctx.save();
  ctx.rotate(a.aim);
  weapon(ctx, a, look.recoil);
  ctx.restore();
  body(ctx, a, look.hurt);
  if (a.shield) shield(ctx, a.color, time);
  ctx.restore();
}

function shadow(ctx: CanvasRenderingContext2D): void {
  ctx.fillStyle = 'rgba(0,0,0,0.38)';
  ctx.beginPath();
  ctx.ellipse(0.1, 0.12, RADIUS * 1.08, RADIUS * 1.02, 0, 0, TURN);
  ctx.fill();
}

function glow(ctx: CanvasRenderingContext2D, a: Actor): void {
  const g = ctx.createRadialGradient(0, 0, RADIUS * 0.8, 0, 0, RADIUS * (a.me ? 3.2 : 2.3));
  g.addColorStop(0, fade(a.color, a.me ? 0.28 : 0.2));
  g.addColorStop(1, fade(a.color, 0));
  ctx.fillStyle = g;
  ctx.beginPath();
  ctx.arc(0, 0, RADIUS * 3.2, 0, TURN);
  ctx.fill();
}

/** Sides by shape: a ring around an ally, a diamond around a foe. */
function badge(ctx: CanvasRenderingContext2D, a: Actor): void {
  ctx.strokeStyle = a.color;
  ctx.lineWidth = 0.07;
  ctx.lineJoin = 'miter';
  ctx.beginPath();
  if (a.ally) ctx.arc(0, 0, RADIUS * 1.3, 0, TURN);
  else diamond(ctx, 0, 0, RADIUS * 1.75);
  ctx.stroke();
}

/** Traces a diamond. */
export function diamond(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.moveTo(x, y - radius);
  ctx.lineTo(x + radius, y);
  ctx.lineTo(x, y + radius);
  ctx.lineTo(x - radius, y);
  ctx.closePath();
}

function weapon(ctx: CanvasRenderingContext2D, a: Actor, recoil: number): void {
  const back = recoil > 0 ? -0.09 * recoil : 0;
  ctx.fillStyle = '#0a101d';
  ctx.beginPath();
  ctx.roundRect(0.12 + back, -0.115, 0.58, 0.23, 0.06);
  ctx.fill();
  ctx.fillStyle = '#c9d5ee';
  ctx.beginPath();
  ctx.roundRect(0.16 + back, -0.075, 0.5, 0.15, 0.04);
  ctx.fill();
  ctx.fillStyle = a.color;
  ctx.fillRect(0.5 + back, -0.075, 0.09, 0.15);
  for (const side of [-1, 1]) { // hands
    ctx.fillStyle = '#0a101d';
    arc(ctx, 0.27 + back, side * 0.16, 0.115);
    ctx.fillStyle = a.color;
    arc(ctx, 0.27 + back, side * 0.16, 0.075);
  }
}

function body(ctx: CanvasRenderingContext2D, a: Actor, hurt: number): void {
  ctx.fillStyle = '#0a101d';
  arc(ctx, 0, 0, RADIUS);
  const g = ctx.createRadialGradient(-0.12, -0.14, 0.02, 0, 0, RADIUS);
  g.addColorStop(0, '#ffffff');
  g.addColorStop(0.25, a.color);
  g.addColorStop(1, fade(a.color, 0.62));
  ctx.fillStyle = g;
  arc(ctx, 0, 0, RADIUS - 0.045);
  ctx.fillStyle = '#0d1424';
  arc(ctx, 0, 0, RADIUS * 0.52);
  ctx.strokeStyle = a.color; // a visor, to see where it looks
  ctx.lineWidth = 0.07;
  ctx.lineCap = 'round';
  ctx.beginPath();
  ctx.arc(0, 0, RADIUS * 0.32, a.aim - 0.75, a.aim + 0.75);
  ctx.stroke();
  if (hurt > 0) {
    ctx.fillStyle = fade('#ffffff', Math.min(0.85, hurt * 6));
    arc(ctx, 0, 0, RADIUS);
  }
}

function shield(ctx: CanvasRenderingContext2D, color: string, time: number): void {
  ctx.strokeStyle = fade(color, 0.5 + 0.25 * Math.sin(time * 9));
  ctx.lineWidth = 0.05;
  ctx.setLineDash([0.3, 0.16]);
  ctx.lineDashOffset = -time * 0.8;
  ctx.beginPath();
  ctx.arc(0, 0, RADIUS * 1.5, 0, TURN);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = fade(color, 0.07);
  arc(ctx, 0, 0, RADIUS * 1.5);
}

/** Name and health above a player, in CSS pixels. */
export function drawPlate(ctx: CanvasRenderingContext2D, a: Actor, camera: Camera): void {
  const x = Math.round(camera.screenX(a.x)), y = Math.round(camera.screenY(a.y) - camera.scale * 0.62);
  const w = Math.round(Math.max(34, camera.scale * 0.95));
  ctx.fillStyle = 'rgba(4,8,16,0.72)';
  ctx.beginPath();
  ctx.roundRect(x - w / 2 - 1.5, y - 5.5, w + 3, 7, 3.5);
  ctx.fill();
  const part = Math.max(0, Math.min(1, a.hp / 100));
  ctx.fillStyle = part > 0.5 ? HEALTH : part > 0.25 ? '#ffc14d' : DANGER;
  ctx.beginPath();
  ctx.roundRect(x - w / 2, y - 4, Math.max(3, w * part), 4, 2);
  ctx.fill();
  if (a.hp > 100) {
    ctx.fillStyle = MEGA;
    ctx.fillRect(x - w / 2, y - 4, w * Math.min(1, (a.hp - 100) / 50), 1.5);
  }
  if (a.me) return;
  ctx.font = '600 12px system-ui, sans-serif';
  ctx.textAlign = 'center';
  ctx.lineWidth = 3;
  ctx.strokeStyle = 'rgba(4,8,16,0.75)';
  const name = a.ally === undefined ? a.name : `${a.ally ? '●' : '◆'} ${a.name}`;
  ctx.strokeText(name, x, y - 10);
  ctx.fillStyle = a.ally === undefined ? TEXT : a.color;
  ctx.fillText(name, x, y - 10);
}

/** What an ally shows: a ring that closes in on it, over all else. */
export function drawMark(ctx: CanvasRenderingContext2D, m: Mark, time: number): void {
  const color = m.on ? FOE : ALLY, closing = 1.6 - 0.6 * (time * 1.2 % 1);
  ctx.strokeStyle = fade(color, Math.min(1, m.left));
  ctx.lineWidth = 0.08;
  ctx.beginPath();
  ctx.arc(m.x, m.y, 0.55 * closing, 0, TURN);
  ctx.moveTo(m.x, m.y - 1.15);
  ctx.lineTo(m.x - 0.25, m.y - 1.6);
  ctx.lineTo(m.x + 0.25, m.y - 1.6);
  ctx.closePath();
  ctx.stroke();
}

export function drawBolts(ctx: CanvasRenderingContext2D, bolts: Bolt[], camera: Camera): void {
  ctx.globalCompositeOperation = 'lighter';
  ctx.lineCap = 'round';
  for (const b of bolts) {
    const room = b.flown - MUZZLE;
    if (room <= 0 || !camera.sees(b.x, b.y, 1)) continue;
    const dx = Math.cos(b.aim), dy = Math.sin(b.aim);
    for (const [width, alpha, long, color] of [[0.3, 0.22, 0.75, b.color], [0.15, 0.85, 0.6, b.color], [0.06, 1, 0.3, '#ffffff']] as const) {
      ctx.lineWidth = width;
      ctx.strokeStyle = fade(color, alpha);
      ctx.beginPath();
      ctx.moveTo(b.x - dx * Math.min(long, room), b.y - dy * Math.min(long, room));
      ctx.lineTo(b.x, b.y);
      ctx.stroke();
    }
  }
  ctx.globalCompositeOperation = 'source-over';
}

export function drawPickup(ctx: CanvasRenderingContext2D, p: Pickup, time: number): void {
  const color = pickupColor(p.kind), size = p.kind === 3 ? 1.35 : 1;
  ctx.save();
  ctx.translate(p.x, p.y);
  ctx.strokeStyle = fade(color, p.there ? 0.35 : 0.16);
  ctx.lineWidth = 0.045;
  ctx.beginPath();
  ctx.arc(0, 0, 0.46 * size, 0, TURN);
  ctx.stroke();
  if (p.there) {
    pad(ctx, color, size);
    const float = 1 + 0.06 * Math.sin(time * 3 + p.x);
    ctx.scale(size * float, size * float);
    if (p.kind === 3) orbit(ctx, color, time);
    icon(ctx, p.kind, color);
  } else if (p.back < 5) {
    ctx.strokeStyle = fade(color, 0.6); // it is about to be back
    ctx.beginPath();
    ctx.arc(0, 0, 0.46 * size, -Math.PI / 2, -Math.PI / 2 + TURN * (1 - p.back / 5));
    ctx.stroke();
  }
  ctx.restore();
}

function pad(ctx: CanvasRenderingContext2D, color: string, size: number): void {
  const g = ctx.createRadialGradient(0, 0, 0.05, 0, 0, 0.95 * size);
  g.addColorStop(0, fade(color, 0.3));
  g.addColorStop(1, fade(color, 0));
  ctx.fillStyle = g;
  arc(ctx, 0, 0, 0.95 * size);
}

function orbit(ctx: CanvasRenderingContext2D, color: string, time: number): void {
  ctx.strokeStyle = fade(color, 0.8);
  ctx.lineWidth = 0.05;
  for (let i = 0; i < 3; i++) {
    ctx.beginPath();
    ctx.arc(0, 0, 0.4, time * 1.6 + i * TURN / 3, time * 1.6 + i * TURN / 3 + 1.2);
    ctx.stroke();
  }
}

function icon(ctx: CanvasRenderingContext2D, kind: number, color: string): void {
  ctx.fillStyle = '#0b1120';
  ctx.beginPath();
  ctx.roundRect(-0.27, -0.27, 0.54, 0.54, 0.13);
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 0.05;
  ctx.stroke();
  ctx.fillStyle = color;
  if (kind === 2) {
    for (let i = -1; i <= 1; i++) {
      ctx.beginPath();
      ctx.roundRect(i * 0.13 - 0.04, -0.15, 0.08, 0.3, 0.04);
      ctx.fill();
    }
    return;
  }
  ctx.fillRect(-0.055, -0.17, 0.11, 0.34);
  ctx.fillRect(-0.17, -0.055, 0.34, 0.11);
}

function arc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, TURN);
  ctx.fill();
}
