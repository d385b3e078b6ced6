// A live match of the swarm as a scene, in metres: reads the mirror at the
// moment that is shown, oneself as predicted, and tells what happens.

import { type Match, type Moment, type Snapshot, SeatStatus, between } from '@muster/client';
import type { Point } from '../ahead.ts';
import { colorOf } from '../render/palette.ts';
import { type Columns, columnsOf } from './columns.ts';
import { METRE, PARTS, SPIKE_RADIUS, SPLIT_LEAST, canBoost, massOf } from './pace.ts';
import { Predictor } from './predict.ts';
import type { Say } from './swim.ts';

/** Whoever plays, or has played: named and coloured the same wherever it is shown. */
export interface Who { seat: number; name: string; color: string; me: boolean; bot: boolean; player: string }

export interface Blob extends Point {
  slot: number;
  gen: number;
  who: Who;
  /** Metres. */
  r: number;
  mass: number;
  /** Metres per second. */
  vx: number;
  vy: number;
  /** Seconds since it is seen. */
  age: number;
}

/** What lies about: pellets and spikes. */
export interface Thing extends Point { slot: number; gen: number; age: number }

export interface Leader { who: Who; mass: number; rank: number }

/** What happened, for those who show it. */
export interface Happenings {
  grazed(by: Blob, x: number, y: number, slot: number): void;
  swallowed(by: Blob, what: Blob): void;
  /** One's own blobs are more than before: split, or burst. */
  parted(): void;
  born(x: number, y: number): void;
  died(by?: Who): void;
  /** One of the leaders was eaten. */
  fell(by: Who, who: Who): void;
}

/** What is drawn goes after what is told in so many parts a second: others softly, sizes softer still. */
const FOLLOW = 22, GROW = 9;

export class World {
  readonly predictor: Predictor;
  readonly blobs: Blob[] = [];
  readonly pellets: Thing[] = [];
  readonly spikes: Thing[] = [];
  /** The seat that the world is seen from: one's own, or who is followed; -1: none, but the middle. */
  seat: number;
  /** The middle of its blobs; where the last one was. */
  readonly eye: Point = { x: 0, y: 0 };
  /** The seat's own. until: seconds to the return, which only the player is told. */
  readonly self = { mass: 0, rank: 0, dead: true, until: 0, split: 0, boost: 0, parts: 0, r: 0 };

  private readonly c: Columns;
  private readonly people = new Map<number, Who>();
  private kept = new Map<number, Blob>();

  /** Undefined if the match is not the swarm's. There must have been a frame. */
  static of(match: Match, tell: Happenings): World | undefined {
    const c = match.joined.schema.space && columnsOf(match.mirror.layout);
    return c && new World(match, c, tell);
  }

  private constructor(readonly match: Match, c: Columns, private readonly tell: Happenings) {
    this.c = c;
    this.predictor = new Predictor(match, c);
    this.seat = match.seat;
    if (this.watched) this.placeFollowed();
    else this.lookAt();
  }

  /** Whether we only watch. */
  get watched(): boolean {
    return this.match.seat < 0;
  }

  /** Names follow the roster. */
  named(): void {
    for (const w of this.people.values()) this.name(w);
  }

  who(seat: number): Who {
    let w = this.people.get(seat);
    if (!w) this.people.set(seat, w = this.name({ seat, name: '', color: '', me: seat === this.match.seat, bot: false, player: '' }));
    return w;
  }

  private name(w: Who): Who {
    const r = this.match.roster.get(w.seat);
    w.name = (r?.name || w.name || `Seat ${w.seat + 1}`).replace(/ \(bot\)$/, '');
    w.bot = r?.status === SeatStatus.bot;
    w.player = r?.player ?? '';
    w.color = colorOf(w.seat, w.me);
    return w;
  }

  /** How many are here. */
  get players(): number {
    let n = 0;
    for (const r of this.match.roster.values()) if (r.status !== SeatStatus.empty) n++;
    return n;
  }

  /** Seconds until the round ends. */
  get left(): number {
    return Math.max(0, (this.zone('end') - this.now.tick) / this.match.hz);
  }

  /** The zone's edges, in metres: it is a square in the middle of the plane. */
  get bounds(): { low: number; high: number } {
    const side = this.zone('side'), low = (this.match.joined.schema.space!.width - side) / 2;
    return { low: low / METRE, high: (low + side) / METRE };
  }

  get leaders(): Leader[] {
    const l = this.c.leaders, s = this.now, list: Leader[] = [];
    for (let i = s.next(l.table, -1); i >= 0; i = s.next(l.table, i)) {
      list.push({ who: this.who(s.col(l.table, l.seat)[i]), mass: s.col(l.table, l.mass)[i], rank: i + 1 });
    }
    return list;
  }

  private get now(): Snapshot {
    return this.match.mirror.now;
  }

  private zone(column: 'side' | 'end'): number {
    return this.now.col(this.c.zone.table, this.c.zone[column])[0];
  }

  private own(column: Exclude<keyof Columns['own'], 'table'>): number {
    return this.now.col(this.c.own.table, this.c.own[column])[this.match.seat];
  }

  /** Takes in a frame: at the socket's beat, whether or not anything is drawn. */
  frame(now: number, say: Say): void {
    if (!this.watched) this.predictor.frame(now, say);
    const dead = this.self.dead, parts = this.self.parts;
    this.readSelf();
    if (!this.watched) this.tellOwn(dead, parts);
    for (const e of this.match.mirror.events) {
      if (this.match.joined.schema.events[e.kind].name === 'fell') this.tell.fell(this.who(e.args[0]), this.who(e.args[1]));
    }
  }

  private tellOwn(dead: boolean, parts: number): void {
    if (dead && !this.self.dead) this.tell.born(this.own('x') / METRE, this.own('y') / METRE);
    if (!dead && this.self.dead) this.tell.died(this.own('killer') > 0 ? this.who(this.own('killer') - 1) : undefined);
    if (!dead && this.self.parts > parts) this.tell.parted();
  }

  private readSelf(): void {
    const b = this.c.blobs, s = this.now, first = Math.max(0, this.seat) * PARTS, me = this.self;
    me.mass = me.parts = me.split = me.boost = me.r = 0;
    if (this.seat >= 0) for (let i = s.next(b.table, first - 1); i >= 0 && i < first + PARTS; i = s.next(b.table, i)) {
      const r = s.col(b.table, b.r)[i], mass = massOf(r);
      me.parts++;
      me.mass += mass;
      me.split = Math.max(me.split, Math.min(1, mass / SPLIT_LEAST));
      if (canBoost(r)) me.boost = 1;
    }
    if (me.parts === PARTS) me.split = 0;
    me.r = Math.sqrt(me.mass * 16) / METRE;
    me.dead = me.parts === 0;
    me.rank = this.watched ? this.leaders.find((l) => l.who.seat === this.seat)?.rank ?? 0 : this.own('rank');
    me.until = this.watched ? 0 : (this.own('back') - s.tick) / this.match.hz;
  }

  /** Brings the scene to what is to be drawn now. */
  update(now: number, seconds: number, say: Say): void {
    const m = this.match.timeline.at(this.match.mirror, now);
    this.placeBlobs(m, seconds);
    if (this.watched) this.placeFollowed();
    else this.placeOwn(now, seconds, say);
    this.placeThings(this.pellets, this.c.pellets, m, seconds, (t) => this.gone(t));
    this.placeThings(this.spikes, this.c.spikes, m, seconds, () => {});
    this.blobs.sort((a, b) => a.r - b.r);
  }

  private placeBlobs(m: Moment, seconds: number): void {
    const b = this.c.blobs, before = this.kept;
    this.kept = new Map();
    this.blobs.length = 0;
    for (const [slot, s] of this.slots(m)) {
      const gen = s.gen(b.table, slot);
      let blob = before.get(slot);
      if (blob?.gen === gen) before.delete(slot);
      else blob = this.appear(slot, gen, s);
      blob.age += seconds;
      blob.mass = massOf(s.col(b.table, b.r)[slot]);
      const value = (column: number) => s === m.to ? between(m, b.table, column, slot) / METRE : s.col(b.table, column)[slot] / METRE;
      blob.r += (value(b.r) - blob.r) * (1 - Math.exp(-seconds * GROW));
      if (!blob.who.me) move(blob, value(b.x), value(b.y), seconds, 1 - Math.exp(-seconds * FOLLOW));
      this.kept.set(slot, blob);
      this.blobs.push(blob);
    }
    for (const gone of before.values()) this.lost(gone);
  }

  /** The blobs to be drawn, and where they live: others at the moment that is shown, one's own in the newest frame. */
  private *slots(m: Moment): Generator<[slot: number, s: Snapshot]> {
    const t = this.c.blobs.table, first = this.match.seat * PARTS, mine = (slot: number) => slot >= first && slot < first + PARTS;
    for (let i = m.to.next(t, -1); i >= 0; i = m.to.next(t, i)) if (!mine(i)) yield [i, m.to];
    if (!this.watched) for (let i = this.now.next(t, first - 1); i >= 0 && mine(i); i = this.now.next(t, i)) yield [i, this.now];
  }

  private appear(slot: number, gen: number, s: Snapshot): Blob {
    const b = this.c.blobs, value = (column: number) => s.col(b.table, column)[slot] / METRE;
    return { slot, gen, who: this.who(Math.floor(slot / PARTS)), age: 0, mass: 0, vx: 0, vy: 0, x: value(b.x), y: value(b.y), r: value(b.r) };
  }

  /** Looks at who is followed, as long as anything of it is seen. */
  private placeFollowed(): void {
    const parts = this.blobs.filter((b) => b.who.seat === this.seat), { width, height } = this.match.joined.schema.space!;
    if (this.seat < 0) [this.eye.x, this.eye.y] = [width / 2 / METRE, height / 2 / METRE];
    else if (parts.length > 0) [this.eye.x, this.eye.y] = [mean(parts, (p) => p.x), mean(parts, (p) => p.y)];
  }

  private placeOwn(now: number, seconds: number, say: Say): void {
    this.predictor.smooth(seconds);
    const shown = this.predictor.shown(now, say);
    for (const p of shown) {
      const blob = this.kept.get(p.slot);
      if (blob) move(blob, p.x / METRE, p.y / METRE, seconds, 1);
    }
    if (shown.length > 0) this.lookAt(shown);
    else if (!this.self.dead) this.lookAt();
  }

  private lookAt(parts?: Point[]): void {
    this.eye.x = (parts ? mean(parts, (p) => p.x) : this.own('x')) / METRE;
    this.eye.y = (parts ? mean(parts, (p) => p.y) : this.own('y')) / METRE;
  }

  private placeThings(list: Thing[], c: { table: number; x: number; y: number }, m: Moment, seconds: number, gone: (t: Thing) => void): void {
    const s = m.to, before = new Map(list.map((t) => [t.slot, t]));
    list.length = 0;
    for (let slot = s.next(c.table, -1); slot >= 0; slot = s.next(c.table, slot)) {
      let t = before.get(slot);
      if (t?.gen === s.gen(c.table, slot)) before.delete(slot);
      else t = { slot, gen: s.gen(c.table, slot), age: 0, x: s.col(c.table, c.x)[slot] / METRE, y: s.col(c.table, c.y)[slot] / METRE };
      t.age += seconds;
      list.push(t);
    }
    for (const t of before.values()) gone(t);
  }

  /** A pellet is no more: whoever is on it has it. */
  private gone(t: Thing): void {
    const by = this.over(t, 0.4);
    if (by) this.tell.grazed(by, t.x, t.y, t.slot);
  }

  /** A blob is no more: eaten, made one with another of its player's, or out of sight. */
  private lost(gone: Blob): void {
    const by = this.over(gone, 0.2, gone);
    if (by && by.r > gone.r * 0.9) this.tell.swallowed(by, gone);
  }

  /** The blob that a point is on, or is nearest to by so many metres. */
  private over(p: Point, near: number, but?: Blob): Blob | undefined {
    let best: Blob | undefined, least = near;
    for (const b of this.blobs) {
      const away = Math.hypot(b.x - p.x, b.y - p.y) - b.r;
      if (b !== but && away < least) [best, least] = [b, away];
    }
    return best;
  }

  /** Radius of a spike, in metres. */
  readonly spike = SPIKE_RADIUS / METRE;
}

const mean = (parts: Point[], of: (p: Point) => number) => parts.reduce((sum, p) => sum + of(p), 0) / parts.length;

/** Moves a blob a part of the way, and notes how fast it goes. */
function move(b: Blob, x: number, y: number, seconds: number, part: number): void {
  if (Math.hypot(x - b.x, y - b.y) > 6) part = 1;
  const dx = (x - b.x) * part, dy = (y - b.y) * part, soft = Math.min(1, seconds * 8);
  b.x += dx;
  b.y += dy;
  if (seconds <= 0) return;
  b.vx += (dx / seconds - b.vx) * soft;
  b.vy += (dy / seconds - b.vy) * soft;
}
