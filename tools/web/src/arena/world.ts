// A live match as a scene: reads the mirror at the moment that is shown,
// oneself as predicted, and turns what happens into what is seen and heard.

import { type Match, type Moment, SeatStatus, between } from '@muster/client';
import { colorOf } from '../render/palette.ts';
import { radians } from './angle.ts';
import { Bolts } from './bolts.ts';
import { Button, type Columns, columnsOf } from './columns.ts';
import { ArenaMap, maps } from './map.ts';
import { CELL, type Pace, RAIL_REACH, paceAt } from './pace.ts';
import { Predictor, type Say } from './predict.ts';
import { type Actor, type Scene, newActor } from './scene.ts';
import { Teams } from './teams.ts';

/** What happened, for those who show it. Positions are in metres. */
export interface Happenings {
  fire(by: Actor, aim: number): void;
  wall(x: number, y: number, aim: number, color: string): void;
  beam(by: Actor, x0: number, y0: number, x1: number, y1: number): void;
  hit(by: Actor, on: Actor, damage: number): void;
  kill(by: Actor, on: Actor, weapon: number): void;
  pickup(by: Actor, kind: number, x: number, y: number): void;
  dash(by: Actor): void;
  spawn(who: Actor): void;
}

/** Something that waits for the moment that is shown to reach its tick. */
interface Due { tick: number; happen: () => void }

export class World {
  readonly scene: Scene;
  readonly predictor: Predictor;
  /** One's own, in full: what the HUD shows. */
  readonly self = { hp: 0, ammo: 0, rail: 0, dash: 0, until: 0, dead: true };

  private readonly c: Columns;
  private readonly teams?: Teams;
  private readonly pace: Pace;
  private readonly bolts: Bolts;
  private due: Due[] = [];
  private fireReady = 0;
  private railReady = 0;
  private beamTold = -1e9;

  /** Undefined if the match is not an arena's. There must have been a frame. */
  static of(match: Match, tell: Happenings): World | undefined {
    const c = columnsOf(match.mirror.layout);
    return c && new World(match, c, tell);
  }

  private constructor(readonly match: Match, c: Columns, private readonly tell: Happenings) {
    this.c = c;
    const s = match.mirror.now, m = c.match;
    const map = new ArenaMap(maps[s.col(m.table, m.map)[0]].rows, s.col(m.table, m.across)[0], s.col(m.table, m.down)[0]);
    this.pace = paceAt(match.hz);
    this.predictor = new Predictor(match, c, map, this.pace);
    this.bolts = new Bolts(match, c, map, this.pace);
    const actors = Array.from({ length: match.mirror.layout.tables[c.players.table].capacity }, (_, seat) => newActor(seat));
    this.scene = { map, actors, bolts: this.bolts.drawn, pickups: [], marks: [] };
    this.teams = Teams.of(match);
    if (match.seat >= 0) {
      this.scene.me = this.scene.eye = actors[match.seat];
      this.scene.me.me = true;
    }
    this.named();
  }

  /** Names follow the roster. */
  named(): void {
    for (const a of this.scene.actors) {
      const who = this.match.roster.get(a.seat);
      a.name = who?.name || `Seat ${a.seat + 1}`;
      if (who?.status === SeatStatus.bot) a.name = a.name.replace(/ \(bot\)$/, ''); // the board has a tag for that
      a.ally = this.teams?.ally(a.seat);
      a.color = colorOf(a.seat, a.me, a.ally);
    }
  }

  /** Seconds until the round ends. */
  get left(): number {
    const s = this.match.mirror.now;
    return Math.max(0, (s.col(this.c.match.table, this.c.match.end)[0] - s.tick) / this.match.hz);
  }

  get limit(): number {
    return this.match.mirror.now.col(this.c.match.table, this.c.match.limit)[0];
  }

  /** Takes in a frame: at the socket's beat, whether or not anything is drawn. */
  frame(now: number, say: Say): void {
    if (this.scene.me) {
      this.predictor.frame(now, say);
      this.readSelf();
    }
    this.bolts.frame(
      (b) => this.later(b.tick, () => this.tell.fire(this.scene.actors[b.owner], radians(b.aim))),
      (b) => { if (b.wall) this.later(b.tick, () => this.tell.wall(b.x / CELL, b.y / CELL, radians(b.aim), this.color(b.owner))); });
    for (const e of this.match.mirror.events) this.event(this.match.joined.schema.events[e.kind].name, e.args, e.tick, now);
    if (this.due.length > 400) this.due.splice(0, this.due.length - 400); // a hidden tab
  }

  private color = (seat: number) => this.scene.actors[seat]?.color ?? '#ffffff';

  private readSelf(): void {
    const s = this.match.mirror.now, p = this.c.players, own = this.c.own, seat = this.match.seat;
    const value = (t: number, column: number) => s.col(t, column)[seat];
    this.self.hp = value(p.table, p.hp);
    this.self.until = (value(p.table, p.until) - s.tick) / this.match.hz;
    this.self.dead = !s.isLive(p.table, seat) || this.self.hp <= 0;
    this.self.ammo = Math.max(0, value(own.table, own.ammo) - this.bolts.untold);
    this.self.rail = Math.max(value(own.table, own.rail), this.railReady);
    this.self.dash = value(own.table, own.dash);
  }

  /** Ticks are seconds from now; parts are how much of the wait is over. */
  get ready(): { rail: number; dash: number } {
    const tick = this.predictor.tick;
    const part = (at: number, wait: number) => Math.max(0, Math.min(1, 1 - (at - tick) / wait));
    return { rail: part(this.self.rail, this.pace.railWait), dash: part(this.predictor.body.dash, this.pace.dashWait) };
  }

  private event(name: string, args: number[], tick: number, now: number): void {
    const actors = this.scene.actors, by = actors[args[0]];
    const tell = this.tell, later = (happen: () => void) => this.later(tick, happen);
    switch (name) {
      case 'hit': return later(() => tell.hit(by, actors[args[1]], args[2]));
      case 'kill': return later(() => tell.kill(by, actors[args[1]], args[2]));
      case 'rail': return this.railed(by, args, tick, now);
      case 'pickup': {
        const p = this.scene.pickups[args[1]];
        if (p) later(() => tell.pickup(by, p.kind, p.x, p.y));
        return;
      }
      case 'dash': if (!by.me) later(() => tell.dash(by)); return;
      case 'spawn': return later(() => tell.spawn(by));
    }
  }

  private railed(by: Actor, [, x, y, ray]: number[], tick: number, now: number): void {
    if (by.me && now - this.beamTold < 1500) return; // shown when it was fired
    const a = radians(ray), length = ray >> 8;
    this.later(tick, () => this.tell.beam(by, x / CELL, y / CELL, (x + Math.cos(a) * length) / CELL, (y + Math.sin(a) * length) / CELL));
  }

  private later(tick: number, happen: () => void): void {
    this.due.push({ tick, happen });
  }

  /** Notes an input as it is sent, and shows at once what it will surely do. */
  input(seq: number, say: Say, now: number): void {
    const me = this.scene.me!;
    if (this.predictor.input(seq, say, now)) this.tell.dash(me);
    if (!this.predictor.alive) return;
    const { tick, body } = this.predictor;
    if (say.buttons & Button.rail && tick >= this.self.rail) {
      this.railReady = this.self.rail = tick + this.pace.railWait;
      this.beamTold = now;
      this.ownBeam(me, say.aim);
    }
    if (say.buttons & Button.fire && tick >= Math.max(this.fireReady, this.ownFire) && this.self.ammo > 0) {
      this.fireReady = tick + this.pace.fireWait;
      this.self.ammo--;
      this.bolts.fire(body.x, body.y, say.aim, tick);
      this.tell.fire(me, radians(say.aim));
    }
  }

  private get ownFire(): number {
    return this.match.mirror.now.col(this.c.own.table, this.c.own.fire)[this.match.seat];
  }

  private ownBeam(me: Actor, aim: number): void {
    const { x, y } = this.predictor.body, a = radians(aim);
    const hit = this.scene.map.ray(x, y, x + Math.cos(a) * RAIL_REACH, y + Math.sin(a) * RAIL_REACH);
    this.tell.beam(me, x / CELL, y / CELL, hit.x / CELL, hit.y / CELL);
  }

  /** Brings the scene to what is to be drawn now. */
  update(now: number, seconds: number, say: Say): void {
    const m = this.match.timeline.at(this.match.mirror, now);
    for (const a of this.scene.actors) this.place(a, m);
    if (this.scene.me) this.placeMe(this.scene.me, now, seconds, say);
    this.placePickups(m);
    this.teams?.update(this.scene, this.limit, m);
    this.bolts.update(m, this.scene.me ? this.predictor.tick + this.predictor.phase(now) : m.tick, this.color,
      (x, y, aim) => this.tell.wall(x, y, aim, this.scene.me!.color));
    const due = this.due.filter((d) => d.tick <= m.tick);
    if (due.length > 0) this.due = this.due.filter((d) => d.tick > m.tick);
    for (const d of due) d.happen();
  }

  private place(a: Actor, m: Moment): void {
    const p = this.c.players, t = p.table, seat = a.seat, newest = this.match.mirror.now;
    // The newer of the two once it is nearer, for rows that are not the same in both.
    const s = m.from.same(m.to, t, seat) || !m.to.isLive(t, seat) ? m.from : m.to;
    a.here = s.isLive(t, seat);
    if (!a.here) return;
    a.x = between(m, t, p.x, seat) / CELL;
    a.y = between(m, t, p.y, seat) / CELL;
    a.aim = between(m, t, p.aim, seat) * Math.PI / 128;
    a.hp = s.col(t, p.hp)[seat];
    a.dead = a.hp <= 0;
    a.shield = !a.dead && s.col(t, p.until)[seat] > m.tick;
    if (newest.isLive(t, seat)) {
      a.frags = newest.col(t, p.frags)[seat];
      a.deaths = newest.col(t, p.deaths)[seat];
    }
  }

  private placeMe(me: Actor, now: number, seconds: number, say: Say): void {
    this.predictor.smooth(seconds);
    me.hp = this.self.hp;
    me.dead = this.self.dead;
    me.shield = !me.dead && this.self.until > 0;
    if (!this.predictor.alive) return; // the eye stays where one fell
    const at = this.predictor.shown(now, say);
    me.here = true;
    me.x = at.x / CELL;
    me.y = at.y / CELL;
    me.aim = radians(say.aim);
  }

  private placePickups(m: Moment): void {
    const c = this.c.pickups, t = c.table, list = this.scene.pickups;
    for (let slot = m.to.next(t, -1); slot >= 0; slot = m.to.next(t, slot)) {
      const p = list[slot] ??= { x: 0, y: 0, kind: 0, there: false, back: 0 };
      const ticks = m.to.col(t, c.back)[slot] - m.tick;
      p.x = m.to.col(t, c.x)[slot] / CELL;
      p.y = m.to.col(t, c.y)[slot] / CELL;
      p.kind = m.to.col(t, c.kind)[slot];
      p.there = ticks <= 0;
      p.back = Math.max(0, ticks / this.match.hz);
    }
  }
}
