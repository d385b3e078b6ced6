// The map, from the very file that the rules read: game/arena/maps.txt.

import text from '../../../../game/arena/maps.txt';
import { CELL } from './pace.ts';

export interface Place { x: number; y: number }

export interface Hit extends Place { clear: boolean }

/** Walls on a grid. x and y are in units of 1/128 cell. */
export class ArenaMap {
  readonly width: number;
  readonly height: number;
  readonly spawns: Place[] = [];
  private readonly walls: Uint8Array;

  constructor(rows: string[], readonly across: number, readonly down: number) {
    this.width = rows[0].length * across;
    this.height = rows.length * down;
    this.walls = new Uint8Array(this.width * this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) this.put(x, y, rows[y % rows.length][x % rows[0].length]);
    }
  }

  private put(x: number, y: number, c: string): void {
    const rim = x === 0 || y === 0 || x === this.width - 1 || y === this.height - 1;
    if (c === '#' || (c === '+' && rim)) this.walls[y * this.width + x] = 1;
    if (c === 'S') this.spawns.push({ x: x * CELL + CELL / 2, y: y * CELL + CELL / 2 });
  }

  /** Whether a cell is a wall; beyond the rim all are. */
  solid(cx: number, cy: number): boolean {
    return cx < 0 || cy < 0 || cx >= this.width || cy >= this.height || this.walls[cy * this.width + cx] !== 0;
  }

  /** Whether a circle stands clear of all walls. */
  free(x: number, y: number, radius: number): boolean {
    for (let cy = (y - radius) >> 7; cy <= (y + radius) >> 7; cy++) {
      for (let cx = (x - radius) >> 7; cx <= (x + radius) >> 7; cx++) {
        if (!this.solid(cx, cy)) continue;
        const dx = x - nearest(x, cx), dy = y - nearest(y, cy);
        if (dx * dx + dy * dy < radius * radius) return false;
      }
    }
    return true;
  }

  /** Goes straight from a point to another until a wall stops it. */
  ray(x0: number, y0: number, x1: number, y1: number): Hit {
    const dx = x1 - x0, dy = y1 - y0;
    const sx = Math.sign(dx), sy = Math.sign(dy);
    let cx = Math.floor(x0 / CELL), cy = Math.floor(y0 / CELL);
    let toX = dx ? ((sx > 0 ? cx + 1 : cx) * CELL - x0) / dx : Infinity;
    let toY = dy ? ((sy > 0 ? cy + 1 : cy) * CELL - y0) / dy : Infinity;
    for (let t = 0; ;) {
      if (this.solid(cx, cy)) return { x: x0 + dx * t, y: y0 + dy * t, clear: false };
      t = Math.min(toX, toY);
      if (t >= 1) return { x: x1, y: y1, clear: true };
      if (toX <= toY) {
        cx += sx;
        toX += Math.abs(CELL / dx);
      } else {
        cy += sy;
        toY += Math.abs(CELL / dy);
      }
    }
  }
}

/** The coordinate within a cell's span that is nearest to v. */
export const nearest = (v: number, cell: number) => Math.min(Math.max(v, cell << 7), (cell << 7) + CELL);

/** The maps by number, as the match's row names them. */
export const maps: { name: string; rows: string[] }[] = [];
for (const line of text.split('\n').map((l) => l.trim())) {
  if (line.startsWith('= ')) maps.push({ name: line.slice(2), rows: [] });
  else if (line !== '' && maps.length > 0) maps[maps.length - 1].rows.push(line);
}

export const mapNamed = (name: string, across = 1, down = 1) =>
  new ArenaMap(maps.find((m) => m.name === name)!.rows, across, down);
