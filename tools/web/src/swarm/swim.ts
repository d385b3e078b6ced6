// How blobs go where their player wants, bit for bit as in game/swarm/blob.go,
// less what only the server knows: pushes and what is eaten.

import type { Point } from '../ahead.ts';
import { along, cos, sin } from '../arena/angle.ts';
import { Button } from './columns.ts';
import { FULL_THROTTLE, boosted, canBoost, speedOf } from './pace.ts';

/** What a player says in a tick. aim is in 256ths of a turn, throttle up to FULL_THROTTLE. */
export interface Say { aim: number; throttle: number; buttons: number }

/** A zone's least and greatest coordinate. */
export interface Bounds { low: number; high: number }

/** Moves all blobs of a player by one tick, in units. */
export function swim(parts: (Point & { r: number })[], say: Say, hz: number, { low, high }: Bounds): void {
  const mean = (of: (p: Point) => number) => Math.trunc(parts.reduce((sum, p) => sum + of(p), 0) / parts.length);
  const x = mean((p) => p.x), y = mean((p) => p.y);
  const shift = (at: number, by: number) => Math.max(low, Math.min(high, at + by));
  for (const p of parts) {
    const speed = speedOf(p.r, hz);
    let wish = Math.trunc(speed * say.throttle / FULL_THROTTLE);
    if (say.buttons & Button.boost && canBoost(p.r)) wish = boosted(wish);
    p.x = shift(p.x, along(cos(say.aim), wish) + drawn(x - p.x, speed));
    p.y = shift(p.y, along(sin(say.aim), wish) + drawn(y - p.y, speed));
  }
}

/** The speed to the other parts of a player, over a distance. */
function drawn(distance: number, speed: number): number {
  const most = Math.trunc(speed / 3);
  return Math.max(-most, Math.min(most, Math.trunc(distance / 16)));
}
