// Shows where one's own blobs go before the server has answered: by what the
// rules make of the inputs that it has not used yet, without pushes and eating,
// which only the server knows; and a soft landing where it disagrees.

import type { Match } from '@muster/client';
import { Landing, type Point, phase, unused } from '../ahead.ts';
import type { Columns } from './columns.ts';
import { METRE, PARTS } from './pace.ts';
import { type Bounds, type Say, swim } from './swim.ts';

/** A blob of one's own, in units. */
interface Part extends Point { slot: number; gen: number; r: number; landing: Landing }

/** Beyond that many units a correction is a jump, shown as one. */
const JUMP = 4 * METRE;
/** A cell that was not told of for more ticks than these had nothing to tell. */
const LONGEST = 4;

export class Predictor {
  /** Units by which the server last disagreed. */
  correction = 0;

  private parts: Part[] = [];
  private said: Say = { aim: 0, throttle: 0, buttons: 0 };
  private readonly says: Say[] = Array.from({ length: 128 }, () => this.said);

  constructor(private readonly match: Match, private readonly c: Columns) {}

  /** Notes an input that is sent now, and takes the step. */
  input(seq: number, say: Say, now: number): void {
    const before = this.at(now);
    this.says[seq] = this.said = say;
    this.step(this.parts, say);
    // The time within the tick begins anew: what was shown goes on from there.
    this.parts.forEach((p, i) => p.landing.keep(before[i], { x: p.x + p.landing.x, y: p.y + p.landing.y }));
  }

  /** Starts over from what the server says, with the inputs it has not used. */
  frame(now: number, say: Say): void {
    const before = this.shown(now, say), old = this.parts;
    this.parts = this.told();
    const steps = unused(this.match) + this.behind();
    for (let i = steps - 1; i >= 0; i--) this.step(this.parts, this.says[(this.match.seq - i) & 127]);
    const after = this.at(now);
    this.correction = 0;
    this.parts.forEach((p, i) => {
      const was = old.findIndex((o) => o.slot === p.slot && o.gen === p.gen);
      if (was < 0) return;
      p.landing = old[was].landing;
      const lands = { x: after[i].x + p.landing.x, y: after[i].y + p.landing.y };
      this.correction = Math.max(this.correction, Math.hypot(lands.x - before[was].x, lands.y - before[was].y));
      p.landing.keep(before[was], lands);
    });
  }

  private told(): Part[] {
    const s = this.match.mirror.now, b = this.c.blobs, parts: Part[] = [];
    const first = this.match.seat * PARTS;
    for (let slot = s.next(b.table, first - 1); slot >= 0 && slot < first + PARTS; slot = s.next(b.table, slot)) {
      parts.push({
        slot, gen: s.gen(b.table, slot), r: s.col(b.table, b.r)[slot],
        x: s.col(b.table, b.x)[slot], y: s.col(b.table, b.y)[slot], landing: new Landing(JUMP),
      });
    }
    return parts;
  }

  /** Ticks that the newest frame is ahead of what was told of one's blobs. */
  private behind(): number {
    const s = this.match.mirror.now, first = s.layout.tables[this.c.blobs.table].slot;
    const ticks = Math.max(0, ...this.parts.map((p) => s.tick - s.told[first + p.slot]));
    return ticks > LONGEST ? 0 : ticks;
  }

  private step(parts: (Point & { r: number })[], say: Say): void {
    swim(parts, say, this.match.hz, this.bounds);
  }

  /** The least and the greatest coordinate in the zone. */
  private get bounds(): Bounds {
    const s = this.match.mirror.now, side = s.col(this.c.zone.table, this.c.zone.side)[0];
    const low = (s.layout.schema.space!.width - side) / 2;
    return { low, high: low + side - 1 };
  }

  /** Where to draw one's blobs, in units: on the way into the next tick, as one steers now. */
  shown(now: number, say: Say): (Point & { slot: number })[] {
    const { said } = this;
    if (say.throttle !== said.throttle || say.buttons !== said.buttons || say.aim !== said.aim) {
      const before = this.at(now); // steered amid the tick: no jump to where it leads
      this.said = say;
      const after = this.at(now);
      this.parts.forEach((p, i) => p.landing.keep(before[i], after[i]));
    }
    return this.at(now);
  }

  private at(now: number): (Point & { slot: number })[] {
    const ahead = this.parts.map((p) => ({ x: p.x, y: p.y, r: p.r, slot: p.slot }));
    this.step(ahead, this.said);
    const part = phase(this.match, now);
    this.parts.forEach((p, i) => {
      ahead[i].x = p.x + (ahead[i].x - p.x) * part + p.landing.x;
      ahead[i].y = p.y + (ahead[i].y - p.y) * part + p.landing.y;
    });
    return ahead;
  }

  smooth(seconds: number): void {
    for (const p of this.parts) p.landing.smooth(seconds);
  }
}
