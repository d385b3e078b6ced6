import type { Mirror } from './mirror.ts';
import type { Snapshot } from './snapshot.ts';

/** Others are shown up to this long beyond the newest frame, then stand still. */
const EXTRAPOLATE_MS = 150;

/** Frames that are farther apart are no pace of the server's, but a line that stalls: 2 a second are its slowest. */
const APART_MS = 500;

/** Between which two snapshots something is to be drawn, and how far along. Beyond 1 is extrapolated. */
export interface Moment {
  tick: number;
  from: Snapshot;
  to: Snapshot;
  part: number;
  /** Where to look for when the rows of a plane were told of. */
  mirror: Mirror;
}

/**
 * Says which moment of the match to draw now: some ticks behind the newest
 * frame, so that there mostly is a frame on both sides, and moving steadily
 * though frames do not come steadily.
 */
export class Timeline {
  /** How far behind the newest frame's usual arrival, in ms. */
  delay: number;

  /** What of the delay is for lateness, were there a frame each tick. */
  private wait: number;
  private newest = NaN;
  /** How many ticks the last frames were apart. */
  private apart = 1;
  private readonly tickMs: number;
  /** Local time at which tick 0 would usually have arrived. */
  private origin = NaN;
  private shownTick = NaN;
  private shownAt = 0;
  private rate = 1;
  /** How late the last frames came, in ms. */
  private readonly late = new Float32Array(64);
  private count = 0;

  /** @param hz of the match; @param ticks to stay behind at least */
  constructor(hz: number, private readonly ticks = 2) {
    this.tickMs = 1000 / hz;
    this.delay = this.wait = ticks * this.tickMs;
  }

  /** Notes a frame's arrival. */
  frame(tick: number, now: number): void {
    const origin = now - tick * this.tickMs / this.rate;
    const late = origin - this.origin;
    const apart = tick - this.newest;
    this.newest = tick;
    if (Number.isNaN(late) || Math.abs(late) > 1000) {
      this.origin = origin;
      this.shownTick = NaN;
      this.late.fill(0);
      return;
    }
    // Frames come late, never early: go with an early one at once, with late
    // ones slowly, as clocks drift and routes change.
    this.origin += late < 0 ? late * 0.25 : late * 0.01;
    this.late[this.count++ % this.late.length] = late;
    if (this.count % 32 === 0) this.adapt();
    this.apart += (Math.min(apart, APART_MS / this.tickMs) - this.apart) * 0.1;
    this.delay = this.wait + (this.apart - 1) * this.tickMs;
  }

  /** Game time runs at this rate of real time. */
  pace(rate: number): void {
    if (rate > 0 && rate !== this.rate) {
      this.rate = rate;
      this.origin = NaN;
    }
  }

  /** Stays behind far enough for nineteen frames of twenty. */
  private adapt(): void {
    const sorted = this.late.slice().sort();
    const usual = sorted[Math.floor(sorted.length * 0.95)];
    const want = Math.max(this.ticks * this.tickMs, usual + 1.25 * this.tickMs);
    this.wait += (Math.min(want, 250) - this.wait) * 0.3;
  }

  /** The tick to show now, with its fraction. */
  tick(now: number): number {
    const target = (now - this.origin - this.delay) * this.rate / this.tickMs;
    if (Number.isNaN(this.shownTick) || Math.abs(target - this.shownTick) > 10) {
      this.shownTick = target;
    } else {
      const passed = (now - this.shownAt) * this.rate / this.tickMs;
      const off = target - this.shownTick - passed;
      this.shownTick += passed + Math.max(-0.05, Math.min(0.05, off)) * Math.min(1, passed);
    }
    this.shownAt = now;
    return this.shownTick;
  }

  /** The moment to draw now. There must have been a frame. */
  at(mirror: Mirror, now: number): Moment {
    const newest = mirror.now;
    const tick = Math.min(this.tick(now), newest.tick + EXTRAPOLATE_MS / this.tickMs);
    let to = newest;
    for (let i = 1; i < mirror.kept; i++) {
      const from = mirror.back(i);
      if (from.tick >= to.tick) break; // of another epoch
      if (from.tick <= tick) return { tick, from, to, part: (tick - from.tick) / (to.tick - from.tick), mirror };
      to = from;
    }
    return { tick, from: to, to, part: 0, mirror };
  }
}

/**
 * A value of a row at a moment: on the way between the two snapshots, or in
 * the nearer one if the row is not the same in both.
 */
export function between(m: Moment, table: number, column: number, slot: number): number {
  if (m.to.layout.tables[table].spatial) return onPlane(m, table, column, slot);
  const to = m.to.col(table, column)[slot];
  if (!m.from.same(m.to, table, slot)) return m.to.isLive(table, slot) ? to : m.from.col(table, column)[slot];
  const from = m.from.col(table, column)[slot];
  return from + ((to - from) | 0) * m.part;
}

/** Rows of a plane that are told of less often than each of so many ticks are shown that much later. */
const OFTEN = 2;

/** A value of a row of a plane, on the way between the two ticks at which its cell was told of. */
function onPlane(m: Moment, table: number, column: number, slot: number): number {
  const i = m.to.layout.tables[table].slot + slot, { mirror } = m;
  let later = m.to, tick = NaN;
  for (let back = 0; back < mirror.kept; back++) {
    const s = mirror.back(back);
    if (!s.same(m.to, table, slot)) {
      if (s.tick <= m.to.tick) break;
      continue; // it has gone since
    }
    if (Number.isNaN(tick)) tick = m.tick - Math.max(0, s.told[i] - s.since[i] - OFTEN);
    else if (s.told[i] !== later.told[i] && tick > later.since[i]) return part(s, later, tick, table, column, slot);
    later = s;
    if (tick >= s.told[i]) break;
  }
  return later.col(table, column)[slot];
}

function part(from: Snapshot, to: Snapshot, tick: number, table: number, column: number, slot: number): number {
  const i = to.layout.tables[table].slot + slot, a = from.col(table, column)[slot], b = to.col(table, column)[slot];
  return a + ((b - a) | 0) * (tick - to.since[i]) / (to.told[i] - to.since[i]);
}
