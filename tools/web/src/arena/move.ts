// A player's movement, bit for bit that of game/arena/body.go: what lets the
// page show one's own steps before the server has answered.

import { along, cos, sin } from './angle.ts';
import { type ArenaMap, nearest } from './map.ts';
import { CELL, PLAYER_RADIUS as R, type Pace } from './pace.ts';

/** A player as far as it moves: units, units per tick, the tick from which it may dash again. */
export interface Body { x: number; y: number; vx: number; vy: number; dash: number }

/** What moves a body in one tick. */
export interface Push {
  tick: number;
  /** 0 stand, 1..16 run in direction (move-1)*16. */
  move: number;
  aim: number;
  dash: boolean;
}

/** Moves the body by one tick: first speed, then the way, in steps shorter than the radius. */
export function move(b: Body, push: Push, p: Pace, m: ArenaMap): void {
  accelerate(b, push, p);
  let shift = 0;
  while (Math.max(Math.abs(b.vx), Math.abs(b.vy)) >> shift >= R - 4) shift++;
  for (let i = 0; i < 1 << shift; i++) {
    const dx = ((b.vx * (i + 1)) >> shift) - ((b.vx * i) >> shift);
    const dy = ((b.vy * (i + 1)) >> shift) - ((b.vy * i) >> shift);
    slide(b, dx, dy, m);
  }
}

function accelerate(b: Body, push: Push, p: Pace): void {
  let wishX = 0, wishY = 0, step = p.friction, way = push.aim;
  if (push.move > 0) {
    way = (push.move - 1) * 16;
    wishX = along(cos(way), p.top);
    wishY = along(sin(way), p.top);
    if (Math.max(Math.abs(b.vx), Math.abs(b.vy)) <= p.top) step = p.accel;
  }
  if (push.dash && push.tick >= b.dash) {
    b.vx = along(cos(way), p.dash);
    b.vy = along(sin(way), p.dash);
    b.dash = push.tick + p.dashWait;
    return;
  }
  b.vx = approach(b.vx, wishX, step);
  b.vy = approach(b.vy, wishY, step);
}

const approach = (v: number, want: number, step: number) => v < want ? Math.min(v + step, want) : Math.max(v - step, want);

/** Moves by less than the radius and out of the walls that are then touched. */
function slide(b: Body, dx: number, dy: number, m: ArenaMap): void {
  const x = b.x, y = b.y;
  b.x += dx;
  b.y += dy;
  pushFaces(b, m);
  if (m.free(b.x, b.y, R)) return;
  pushCorners(b, m);
  pushFaces(b, m);
  if (m.free(b.x, b.y, R)) return;
  b.x = x;
  b.y = y;
  b.vx = b.vy = 0;
}

/** Off walls right beside the cell of the centre. */
function pushFaces(b: Body, m: ArenaMap): void {
  const cx = b.x >> 7, cy = b.y >> 7;
  const left = (cx << 7) + R, right = (cx << 7) + CELL - R;
  if (b.x < left && m.solid(cx - 1, cy)) {
    b.x = left;
    b.vx = Math.max(b.vx, 0);
  } else if (b.x > right && m.solid(cx + 1, cy)) {
    b.x = right;
    b.vx = Math.min(b.vx, 0);
  }
  const top = (cy << 7) + R, bottom = (cy << 7) + CELL - R;
  if (b.y < top && m.solid(cx, cy - 1)) {
    b.y = top;
    b.vy = Math.max(b.vy, 0);
  } else if (b.y > bottom && m.solid(cx, cy + 1)) {
    b.y = bottom;
    b.vy = Math.min(b.vy, 0);
  }
}

/** Off the corners of walls that lie diagonally. */
function pushCorners(b: Body, m: ArenaMap): void {
  const cx = b.x >> 7, cy = b.y >> 7;
  for (let oy = -1; oy <= 1; oy += 2) {
    for (let ox = -1; ox <= 1; ox += 2) {
      if (m.solid(cx + ox, cy + oy)) pushCorner(b, nearest(b.x, cx + ox), nearest(b.y, cy + oy));
    }
  }
}

/** Straight away from a point until clear of it, rounded so that it surely is. */
function pushCorner(b: Body, x: number, y: number): void {
  const dx = b.x - x, dy = b.y - y, dd = dx * dx + dy * dy;
  if (dd >= R * R || dd === 0) return;
  const dist = Math.floor(Math.sqrt(dd)); // exact, far below 2^52
  b.x = x + away(dx, dist);
  b.y = y + away(dy, dist);
}

function away(d: number, dist: number): number {
  const n = Math.trunc((R * Math.abs(d) + dist - 1) / dist);
  return d < 0 ? -n : n;
}
