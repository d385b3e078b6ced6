// What never changes: floor and walls. The floor with its soft shadows is
// painted once on a canvas of its own; walls are drawn anew each frame, for
// their tops shift against their feet as the eye moves.

import type { Camera } from '../render/camera.ts';
import { drawGrid, paintLight } from '../render/grid.ts';
import { WALL_EDGE, WALL_OUTSIDE, WALL_SIDES, WALL_TOP } from '../render/palette.ts';
import type { ArenaMap } from './map.ts';
import { CELL } from './pace.ts';

/** How much nearer to the eye the tops of walls are than the floor. */
const LIFT = 1.05;

/** A border between wall and floor. side: where it faces, 0 up, 1 right, 2 down, 3 left. */
interface Edge { x0: number; y0: number; x1: number; y1: number; side: number }

export class Ground {
  private readonly floor: HTMLCanvasElement;
  private readonly tops = new Path2D();
  private readonly rims = new Path2D();
  private readonly outside = new Path2D();
  private readonly edges: Edge[];

  constructor(readonly map: ArenaMap) {
    for (let y = 0; y < map.height; y++) this.addRow(y);
    this.outside.rect(-40, -40, map.width + 80, map.height + 80);
    this.outside.rect(0.5, 0.5, map.width - 1, map.height - 1);
    this.edges = edgesOf(map);
    for (const e of this.edges) {
      this.rims.moveTo(e.x0, e.y0);
      this.rims.lineTo(e.x1, e.y1);
    }
    this.floor = paintFloor(map, this.tops);
  }

  private addRow(y: number): void {
    for (let x = 0; x < this.map.width; x++) {
      if (!this.map.solid(x, y)) continue;
      const from = x;
      while (x + 1 < this.map.width && this.map.solid(x + 1, y)) x++;
      this.tops.rect(from - 0.01, y - 0.01, x + 1.02 - from, 1.02); // no seams between rows
    }
  }

  drawFloor(ctx: CanvasRenderingContext2D, camera: Camera): void {
    const m = this.map;
    ctx.drawImage(this.floor, 0, 0, m.width, m.height);
    drawGrid(ctx, camera, { x: 0, y: 0 }, { x: m.width, y: m.height });
  }

  drawWalls(ctx: CanvasRenderingContext2D, camera: Camera, ratio: number): void {
    for (const e of this.edges) if (visible(e, camera)) drawSide(ctx, e, camera);
    camera.apply(ctx, ratio, LIFT);
    ctx.fillStyle = WALL_TOP;
    ctx.fill(this.tops);
    ctx.fillStyle = WALL_OUTSIDE;
    ctx.fill(this.outside, 'evenodd');
    ctx.lineWidth = 0.055;
    ctx.lineCap = 'round';
    ctx.strokeStyle = WALL_EDGE;
    ctx.stroke(this.rims);
    camera.apply(ctx, ratio);
  }
}

// Only sides that face the eye are seen.
function visible(e: Edge, camera: Camera): boolean {
  if (!camera.sees((e.x0 + e.x1) / 2, (e.y0 + e.y1) / 2, Math.max(e.x1 - e.x0, e.y1 - e.y0) / 2)) return false;
  switch (e.side) {
    case 0: return camera.y < e.y0;
    case 1: return camera.x > e.x0;
    case 2: return camera.y > e.y0;
  }
  return camera.x < e.x0;
}

function drawSide(ctx: CanvasRenderingContext2D, e: Edge, camera: Camera): void {
  const up = (v: number, eye: number) => eye + (v - eye) * LIFT;
  ctx.fillStyle = WALL_SIDES[e.side];
  ctx.beginPath();
  ctx.moveTo(e.x0, e.y0);
  ctx.lineTo(e.x1, e.y1);
  ctx.lineTo(up(e.x1, camera.x), up(e.y1, camera.y));
  ctx.lineTo(up(e.x0, camera.x), up(e.y0, camera.y));
  ctx.fill();
}

/** All borders, those in a line joined. */
function edgesOf(map: ArenaMap): Edge[] {
  const edges: Edge[] = [];
  const wall = (x: number, y: number) => map.solid(x, y);
  const run = (length: number, is: (i: number) => boolean, add: (from: number, to: number) => void) => {
    for (let i = 0, from = -1; i <= length; i++) {
      if (i < length && is(i)) { if (from < 0) from = i; } else if (from >= 0) { add(from, i); from = -1; }
    }
  };
  for (let y = 0; y < map.height; y++) {
    run(map.width, (x) => wall(x, y) && y > 0 && !wall(x, y - 1), (x0, x1) => edges.push({ x0, y0: y, x1, y1: y, side: 0 }));
    run(map.width, (x) => wall(x, y) && y + 1 < map.height && !wall(x, y + 1), (x0, x1) => edges.push({ x0, y0: y + 1, x1, y1: y + 1, side: 2 }));
  }
  for (let x = 0; x < map.width; x++) {
    run(map.height, (y) => wall(x, y) && x + 1 < map.width && !wall(x + 1, y), (y0, y1) => edges.push({ x0: x + 1, y0, x1: x + 1, y1, side: 1 }));
    run(map.height, (y) => wall(x, y) && x > 0 && !wall(x - 1, y), (y0, y1) => edges.push({ x0: x, y0, x1: x, y1, side: 3 }));
  }
  return edges;
}

function paintFloor(map: ArenaMap, walls: Path2D): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const scale = Math.min(32, 2048 / Math.max(map.width, map.height));
  canvas.width = map.width * scale;
  canvas.height = map.height * scale;
  const ctx = canvas.getContext('2d')!;
  ctx.scale(scale, scale);
  paintLight(ctx, map.width, map.height);
  paintPlates(ctx, map);
  paintMarks(ctx, map);
  for (const s of map.spawns) paintPad(ctx, s.x / CELL, s.y / CELL);
  // Shadows that walls throw: away from the light, and all around their feet.
  ctx.shadowColor = 'rgba(0,0,0,0.85)';
  ctx.fillStyle = '#05080f';
  for (const [away, blur] of [[0.3, 0.5], [0, 0.7]]) {
    ctx.shadowOffsetX = ctx.shadowOffsetY = away * scale;
    ctx.shadowBlur = blur * scale;
    ctx.fill(walls);
  }
  return canvas;
}

/** Lines on the floor: the middle, and the ways that lead there. */
function paintMarks(ctx: CanvasRenderingContext2D, map: ArenaMap): void {
  const w = map.width / map.across, h = map.height / map.down;
  ctx.strokeStyle = 'rgba(150,185,255,0.13)';
  for (let i = 0; i < map.across * map.down; i++) {
    const x = w * (i % map.across + 0.5), y = h * (Math.floor(i / map.across) + 0.5);
    for (const [radius, width] of [[1.7, 0.14], [2.05, 0.04], [Math.min(w, h) * 0.3, 0.05]]) {
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 7);
      ctx.stroke();
    }
    for (let k = 0; k < 4; k++) chevrons(ctx, x, y, k * Math.PI / 2, Math.min(w, h) * 0.3);
  }
}

function chevrons(ctx: CanvasRenderingContext2D, x: number, y: number, way: number, from: number): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(way);
  ctx.lineWidth = 0.1;
  for (let i = 0; i < 3; i++) {
    ctx.beginPath();
    ctx.moveTo(from - 1.2 - i * 0.45, -0.4);
    ctx.lineTo(from - 1.6 - i * 0.45, 0);
    ctx.lineTo(from - 1.2 - i * 0.45, 0.4);
    ctx.stroke();
  }
  ctx.restore();
}

// Plates of slightly other shades, the same on every visit.
function paintPlates(ctx: CanvasRenderingContext2D, map: ArenaMap): void {
  let seed = 7;
  const next = () => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0) / 2 ** 32;
  for (let y = 0; y < map.height; y += 2) {
    for (let x = 0; x < map.width; x += 2) {
      const v = next();
      ctx.fillStyle = v < 0.22 ? 'rgba(150,180,255,0.035)' : v > 0.85 ? 'rgba(0,0,0,0.14)' : 'transparent';
      ctx.fillRect(x, y, next() < 0.3 ? 4 : 2, 2);
    }
  }
}

/** Where players come in: a faint ring of four arcs. */
function paintPad(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.strokeStyle = 'rgba(140,175,255,0.16)';
  ctx.lineWidth = 0.06;
  for (let i = 0; i < 4; i++) {
    ctx.beginPath();
    ctx.arc(x, y, 0.62, i * Math.PI / 2 + 0.3, (i + 1) * Math.PI / 2 - 0.3);
    ctx.stroke();
  }
}
