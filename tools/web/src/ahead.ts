// What predictions of one's own steps have in common.

import type { Match } from '@muster/client';

/** How fast a correction is worked off: to a third in so many seconds. */
const SMOOTH = 0.09;

export interface Point { x: number; y: number }

/** How many of the inputs that were sent the newest frame has not used. */
export function unused(match: Match): number {
  const n = (match.seq - match.mirror.head.ack) & 127;
  return n > 64 ? 0 : n; // a connection that began anew
}

/** How far the tick that is under way has come, 0..1. */
export function phase(match: Match, now: number): number {
  return Math.max(0, Math.min(1, (now - match.inputAt) / match.interval));
}

/** The difference between what was shown and what is true, worked off softly. */
export class Landing implements Point {
  x = 0;
  y = 0;

  /** @param jump beyond which a difference is shown as the jump that it is */
  constructor(private readonly jump: number) {}

  /** Takes up another difference. */
  keep(before: Point, after: Point): void {
    this.x += before.x - after.x;
    this.y += before.y - after.y;
    if (Math.hypot(this.x, this.y) > this.jump) this.x = this.y = 0;
  }

  smooth(seconds: number): void {
    const left = Math.exp(-seconds / SMOOTH);
    this.x *= left;
    this.y *= left;
  }

  forget(): void {
    this.x = this.y = 0;
  }
}
