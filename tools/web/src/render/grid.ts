// What the floors of all games have: light, and lines to judge distances by.

import type { Camera } from './camera.ts';
import { FLOOR, GRID, GRID_STRONG, QUARTERS, fade } from './palette.ts';

/** Lines at each metre of the floor that is seen between these bounds, every fourth stronger. */
export function drawGrid(ctx: CanvasRenderingContext2D, camera: Camera, from: { x: number; y: number }, to: { x: number; y: number }): void {
  const left = Math.max(from.x, Math.floor(camera.x - camera.width / camera.scale / 2));
  const right = Math.min(to.x, left + Math.ceil(camera.width / camera.scale) + 2);
  const top = Math.max(from.y, Math.floor(camera.y - camera.height / camera.scale / 2));
  const bottom = Math.min(to.y, top + Math.ceil(camera.height / camera.scale) + 2);
  ctx.lineWidth = 0.02;
  for (const strong of [false, true]) {
    ctx.beginPath();
    for (let x = Math.ceil(left); x <= right; x++) if ((x % 4 === 0) === strong) { ctx.moveTo(x, top); ctx.lineTo(x, bottom); }
    for (let y = Math.ceil(top); y <= bottom; y++) if ((y % 4 === 0) === strong) { ctx.moveTo(left, y); ctx.lineTo(right, y); }
    ctx.strokeStyle = strong ? GRID_STRONG : GRID;
    ctx.stroke();
  }
}

/** The floor itself: lighter in the middle, each quarter tinted, so that one knows where one is. */
export function paintLight(ctx: CanvasRenderingContext2D, w: number, h: number): void {
  ctx.fillStyle = FLOOR;
  ctx.fillRect(0, 0, w, h);
  const light = ctx.createRadialGradient(w / 2, h / 2, 0, w / 2, h / 2, Math.max(w, h) * 0.6);
  light.addColorStop(0, 'rgba(70,110,200,0.20)');
  light.addColorStop(0.5, 'rgba(60,90,180,0.06)');
  light.addColorStop(1, 'rgba(0,0,0,0.25)');
  ctx.fillStyle = light;
  ctx.fillRect(0, 0, w, h);
  QUARTERS.forEach((color, i) => {
    const x = w * (0.2 + 0.6 * (i & 1)), y = h * (0.2 + 0.6 * (i >> 1)), far = Math.max(w, h) * 0.38;
    const tint = ctx.createRadialGradient(x, y, 0, x, y, far);
    tint.addColorStop(0, fade(color, 0.11));
    tint.addColorStop(1, fade(color, 0));
    ctx.fillStyle = tint;
    ctx.fillRect(0, 0, w, h);
  });
}
