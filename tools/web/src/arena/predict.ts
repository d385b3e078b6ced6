// Shows one's own steps before the server has answered: the same rules on the
// inputs that it has not used yet, and a soft landing where it disagrees.

import type { Match, Snapshot } from '@muster/client';
import { Landing, type Point, phase, unused } from '../ahead.ts';
import { Button, type Columns } from './columns.ts';
import type { ArenaMap } from './map.ts';
import { type Body, move } from './move.ts';
import { CELL, type Pace } from './pace.ts';

/** An input as the movement sees it. */
export interface Say { move: number; aim: number; buttons: number }

/** Beyond that many units a correction is a jump, shown as one. */
const JUMP = 2 * CELL;

export class Predictor {
  /** Where the player is after all inputs that were sent, at tick. */
  readonly body: Body = { x: 0, y: 0, vx: 0, vy: 0, dash: 0 };
  tick = 0;
  alive = false;
  /** Units by which the server last disagreed. */
  correction = 0;

  private readonly moves = new Uint8Array(128);
  private readonly aims = new Uint8Array(128);
  private readonly buttons = new Uint8Array(128);
  private readonly ahead: Body = { x: 0, y: 0, vx: 0, vy: 0, dash: 0 };
  private readonly landing = new Landing(JUMP);
  private life = -1;
  /** What the keys last said, which what is shown goes by. */
  private said: Say = { move: 0, aim: 0, buttons: 0 };

  constructor(private readonly match: Match, private readonly c: Columns, private readonly map: ArenaMap, private readonly pace: Pace) {}

  /** Notes an input that is sent now, and takes the step. True if it is a dash. */
  input(seq: number, say: Say, now: number): boolean {
    const before = this.at(now);
    this.said = say;
    this.moves[seq] = say.move;
    this.aims[seq] = say.aim;
    this.buttons[seq] = say.buttons;
    const ready = this.body.dash;
    this.tick++;
    if (this.alive) this.step(this.body, seq, this.tick);
    // The time within the tick begins anew: what was shown goes on from there.
    this.landing.keep(before, { x: this.body.x + this.landing.x, y: this.body.y + this.landing.y });
    return this.alive && this.body.dash !== ready;
  }

  /** Starts over from what the server says, with the inputs it has not used. */
  frame(now: number, say: Say): void {
    const s = this.match.mirror.now, p = this.c.players, seat = this.match.seat;
    const before = this.shown(now, say);
    const life = s.isLive(p.table, seat) ? s.gen(p.table, seat) : -1;
    const anew = life !== this.life || !this.alive;
    this.life = life;
    this.alive = life >= 0 && s.col(p.table, p.hp)[seat] > 0;
    this.restart(s);
    if (anew) {
      this.landing.forget();
      return;
    }
    const after = this.at(now);
    this.correction = Math.hypot(after.x - before.x, after.y - before.y);
    this.landing.keep(before, after);
  }

  private restart(s: Snapshot): void {
    const p = this.c.players, own = this.c.own, seat = this.match.seat, b = this.body;
    b.x = s.col(p.table, p.x)[seat];
    b.y = s.col(p.table, p.y)[seat];
    b.vx = s.col(own.table, own.vx)[seat];
    b.vy = s.col(own.table, own.vy)[seat];
    b.dash = s.col(own.table, own.dash)[seat];
    this.tick = s.tick;
    const ack = this.match.mirror.head.ack;
    for (let i = 1, n = unused(this.match); i <= n; i++) {
      this.tick++;
      if (this.alive) this.step(b, (ack + i) & 127, this.tick);
    }
  }

  private step(b: Body, seq: number, tick: number): void {
    move(b, { tick, move: this.moves[seq], aim: this.aims[seq], dash: (this.buttons[seq] & Button.dash) !== 0 }, this.pace, this.map);
  }

  /** How far the tick that is under way has come, 0..1. */
  phase(now: number): number {
    return phase(this.match, now);
  }

  /** Where to draw the player, in units: on the way into the next tick, as the keys are held now. */
  shown(now: number, say: Say): Point {
    const said = this.said;
    if (say.move !== said.move || say.buttons !== said.buttons || (say.move === 0 && say.aim !== said.aim)) {
      const before = this.at(now); // a key was pressed amid the tick: no jump to where it leads
      this.said = say;
      this.landing.keep(before, this.at(now));
    }
    return this.at(now);
  }

  private at(now: number): Point {
    const b = this.body, a = this.ahead, say = this.said;
    a.x = b.x; a.y = b.y; a.vx = b.vx; a.vy = b.vy; a.dash = b.dash;
    if (this.alive) {
      move(a, { tick: this.tick + 1, move: say.move, aim: say.aim, dash: (say.buttons & Button.dash) !== 0 }, this.pace, this.map);
    }
    const part = this.phase(now);
    return { x: b.x + (a.x - b.x) * part + this.landing.x, y: b.y + (a.y - b.y) * part + this.landing.y };
  }

  smooth(seconds: number): void {
    this.landing.smooth(seconds);
  }
}
