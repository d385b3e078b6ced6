// Sides, as one player sees them: its own, whose members it knows more of, and
// all others. Who watches sees the first team as a player of it would.

import type { Match, Moment } from '@muster/client';
import { type TeamColumns, teamColumnsOf } from './columns.ts';
import { CELL } from './pace.ts';
import type { Scene } from './scene.ts';

/** Seats of a team follow each other, those of team 1 first. */
export const teamOf = (seat: number, seats: number, teams: number) => 1 + Math.min(teams - 1, Math.floor(seat / Math.floor(seats / teams)));

export class Teams {
  private readonly count: number;

  /** Undefined where all are against all. */
  static of(match: Match): Teams | undefined {
    const c = teamColumnsOf(match.mirror.layout);
    return c && (match.joined.team > 0 || match.seat < 0) ? new Teams(match, c) : undefined;
  }

  private readonly side: number;

  private constructor(private readonly match: Match, private readonly c: TeamColumns) {
    this.side = match.joined.team || 1;
    this.count = match.mirror.layout.tables[c.teams.table].capacity;
  }

  ally(seat: number): boolean {
    const seats = this.match.mirror.layout.tables[this.c.mates.table].capacity;
    return teamOf(seat, seats, this.count) === this.side;
  }

  /** Brings the scene to what is to be drawn: the score, what allies hold and what they mark. */
  update(scene: Scene, limit: number, m: Moment): void {
    const now = this.match.mirror.now, mine = this.side - 1;
    const frags = now.col(this.c.teams.table, this.c.teams.frags);
    let them = 0;
    for (let t = 0; t < this.count; t++) if (t !== mine) them = Math.max(them, frags[t]);
    scene.score = { us: frags[mine], them, limit, ours: this.match.seat >= 0 };
    scene.marks.length = 0;
    for (const a of scene.actors) a.arms = undefined;
    const mates = this.c.mates, t = mates.table;
    for (let seat = now.next(t, -1); seat >= 0; seat = now.next(t, seat)) {
      const value = (column: number) => now.col(t, column)[seat];
      const by = scene.actors[seat], left = (value(mates.mark) - m.tick) / this.match.hz;
      if (!by.me) by.arms = { ammo: value(mates.ammo), rail: value(mates.rail) <= now.tick };
      if (left <= 0) continue;
      const on = scene.actors[value(mates.on) - 1];
      const at = on?.here && !on.dead ? on : { x: value(mates.x) / CELL, y: value(mates.y) / CELL };
      scene.marks.push({ x: at.x, y: at.y, by, on, left });
    }
  }
}
