import type { Camera } from './camera.ts';
import { GRID, GRID_STRONG } from './palette.ts';

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
