// Bolts fly straight, so each is told once and drawn from the time alone.
// One's own are drawn from the moment the button is pressed, ahead of the
// server, and let its time catch up while they fly.

import type { Match, Moment, Snapshot } from '@muster/client';
import { ME } from '../render/palette.ts';
import { radians } from './angle.ts';
import type { Columns } from './columns.ts';
import type { ArenaMap } from './map.ts';
import { CELL, type Pace } from './pace.ts';
import type { Bolt } from './scene.ts';

/** One's own bolt: slot is -1 until the server tells of it. */
interface Own { x: number; y: number; aim: number; born: number; slot: number; gen: number; end: number }

/** A bolt that came or went between two frames. */
export interface BoltNews { tick: number; owner: number; x: number; y: number; aim: number; wall: boolean }

/** Ticks in which two thirds of the head start of one's own bolts are given up. */
const CATCH_UP = 12;

export class Bolts {
  readonly drawn: Bolt[] = [];
  private own: Own[] = [];

  constructor(private readonly match: Match, private readonly c: Columns, private readonly map: ArenaMap, private readonly pace: Pace) {}

  /** Begins one's own bolt at a predicted tick. Returns where it starts, in units. */
  fire(x: number, y: number, aim: number, tick: number): void {
    this.own.push({ x, y, aim, born: tick, slot: -1, gen: 0, end: this.lengthTo(x, y, aim) });
  }

  /** Bolts that the server has not told of, among one's own. */
  get untold(): number {
    return this.own.filter((b) => b.slot < 0).length;
  }

  private lengthTo(x: number, y: number, aim: number): number {
    const reach = this.pace.bolt * this.pace.boltLife, a = radians(aim);
    const hit = this.map.ray(x, y, x + Math.cos(a) * reach, y + Math.sin(a) * reach);
    return Math.hypot(hit.x - x, hit.y - y);
  }

  /** Compares the newest frame with the one before it. */
  frame(came: (news: BoltNews) => void, went: (news: BoltNews) => void): void {
    const { mirror } = this.match, s = mirror.now, t = this.c.shots.table;
    if (mirror.kept < 2) return;
    const before = mirror.back(1);
    for (let slot = s.next(t, -1); slot >= 0; slot = s.next(t, slot)) {
      if (!s.same(before, t, slot)) this.came(s, slot, came);
    }
    for (let slot = before.next(t, -1); slot >= 0; slot = before.next(t, slot)) {
      if (!s.same(before, t, slot)) this.went(before, s.tick, slot, went);
    }
  }

  private came(s: Snapshot, slot: number, tell: (news: BoltNews) => void): void {
    const { owner, x, y, aim } = this.read(s, slot);
    const gen = s.gen(this.c.shots.table, slot);
    if (owner === this.match.seat) {
      const told = this.own.find((b) => b.slot < 0);
      if (told) Object.assign(told, { slot, gen, x, y, aim, end: this.lengthTo(x, y, aim) });
      return;
    }
    tell({ tick: s.tick, owner, x, y, aim, wall: false });
  }

  private went(before: Snapshot, tick: number, slot: number, tell: (news: BoltNews) => void): void {
    const b = this.read(before, slot), a = radians(b.aim);
    if (b.owner === this.match.seat) {
      const gen = before.gen(this.c.shots.table, slot);
      const own = this.own.find((o) => o.slot === slot && o.gen === gen);
      // Into a wall it flies by itself; that it is gone earlier means a hit.
      if (own && this.pace.bolt * (tick - b.born) < own.end - this.pace.bolt) this.own.splice(this.own.indexOf(own), 1);
      if (own) return;
    }
    const at = (age: number) => ({ x: b.x + Math.cos(a) * this.pace.bolt * age, y: b.y + Math.sin(a) * this.pace.bolt * age });
    const from = at(before.tick - b.born), to = at(tick - b.born);
    const hit = this.map.ray(from.x, from.y, to.x, to.y);
    tell({ tick, owner: b.owner, x: hit.x, y: hit.y, aim: b.aim, wall: !hit.clear });
  }

  private read(s: Snapshot, slot: number) {
    const c = this.c.shots, t = c.table;
    return {
      x: s.col(t, c.x)[slot], y: s.col(t, c.y)[slot], aim: s.col(t, c.aim)[slot],
      owner: s.col(t, c.owner)[slot], born: s.col(t, c.born)[slot],
    };
  }

  /** Fills drawn. struck is told of walls that one's own bolts meet. */
  update(m: Moment, predicted: number, colors: (seat: number) => string, struck: (x: number, y: number, aim: number) => void): void {
    this.drawn.length = 0;
    this.others(m, m.to, colors);
    if (m.from !== m.to) this.others(m, m.from, colors);
    const lead = Math.max(0, predicted - m.tick);
    this.own = this.own.filter((b) => this.ownBolt(b, m.tick, predicted, lead, struck));
  }

  private others(m: Moment, s: Snapshot, colors: (seat: number) => string): void {
    const t = this.c.shots.table;
    for (let slot = s.next(t, -1); slot >= 0; slot = s.next(t, slot)) {
      if (s === m.from && m.from.same(m.to, t, slot)) continue; // drawn already
      const b = this.read(s, slot), age = m.tick - b.born;
      if (age < 0 || (b.owner === this.match.seat && this.own.some((o) => o.slot === slot))) continue;
      const a = radians(b.aim), way = this.pace.bolt * age;
      const x = b.x + Math.cos(a) * way, y = b.y + Math.sin(a) * way;
      if (!this.map.solid(Math.floor(x / CELL), Math.floor(y / CELL))) {
        this.drawn.push({ x: x / CELL, y: y / CELL, aim: a, color: colors(b.owner), flown: way / CELL });
      }
    }
  }

  private ownBolt(b: Own, shown: number, predicted: number, lead: number, struck: (x: number, y: number, aim: number) => void): boolean {
    const flown = predicted - b.born;
    if (b.slot < 0 && flown > 45) return false; // the server did not agree
    const age = shown - b.born + lead * Math.exp(-Math.max(0, flown) / CATCH_UP);
    const way = Math.max(0, this.pace.bolt * age), a = radians(b.aim);
    if (way >= b.end) {
      if (b.end < this.pace.bolt * this.pace.boltLife - 1) struck((b.x + Math.cos(a) * b.end) / CELL, (b.y + Math.sin(a) * b.end) / CELL, a);
      return false;
    }
    this.drawn.push({ x: (b.x + Math.cos(a) * way) / CELL, y: (b.y + Math.sin(a) * way) / CELL, aim: a, color: ME, flown: way / CELL });
    return true;
  }
}
