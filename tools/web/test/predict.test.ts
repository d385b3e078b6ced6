// One's own steps, shown before the server has answered: with the same rules
// and all inputs in time the server never disagrees; where it does, what is
// shown does not jump.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Match } from '@muster/client';
import type { Columns } from '../src/arena/columns.ts';
import { mapNamed } from '../src/arena/map.ts';
import { type Body, move } from '../src/arena/move.ts';
import { paceAt } from '../src/arena/pace.ts';
import { Predictor, type Say } from '../src/arena/predict.ts';

const HZ = 30, TICK = 1000 / HZ;
const map = mapNamed('forge'), pace = paceAt(HZ);
const columns = {
  players: { table: 0, x: 0, y: 1, aim: 2, hp: 3, frags: 4, deaths: 5, until: 6 },
  own: { table: 1, vx: 0, vy: 1, dash: 2, fire: 3, rail: 4, ammo: 5 },
} as unknown as Columns;

/** A server that has one player, and answers so many ticks late. */
class Server {
  readonly body: Body;
  readonly sent: Say[] = [];
  readonly frames: { tick: number; ack: number; body: Body }[] = [];
  private used = 0;
  private tick = 0;

  constructor(readonly late: number) {
    const at = map.spawns[0];
    this.body = { x: at.x, y: at.y, vx: 0, vy: 0, dash: 0 };
  }

  step(): void {
    const say = this.sent[this.used - this.late < 0 ? -1 : this.used - this.late];
    this.tick++;
    if (say) move(this.body, { tick: this.tick, move: say.move, aim: say.aim, dash: (say.buttons & 4) !== 0 }, pace, map);
    this.used++;
    const ack = Math.max(0, this.used - this.late);
    this.frames.push({ tick: this.tick, ack: ack & 127, body: { ...this.body } });
  }
}

function play(late: number, ticks: number, meddle?: (server: Server, tick: number) => void) {
  const server = new Server(late);
  let frame = { tick: 0, ack: 0, body: { ...server.body } };
  const values = () => [[frame.body.x, frame.body.y, 0, 100], [frame.body.vx, frame.body.vy, frame.body.dash]];
  const match = {
    seat: 0, seq: 0, inputAt: 0, interval: TICK,
    mirror: {
      get now() { return { tick: frame.tick, isLive: () => true, gen: () => 1, col: (t: number, c: number) => [values()[t][c]] }; },
      get head() { return { ack: frame.ack }; },
    },
  };
  const p = new Predictor(match as unknown as Match, columns, map, pace);
  p.frame(0, { move: 0, aim: 0, buttons: 0 });
  let worst = 0, jump = 0, say: Say = { move: 0, aim: 0, buttons: 0 }, shown = p.shown(0, say);
  for (let t = 1; t <= ticks; t++) {
    if (t % 11 === 1) say = { move: (t * 7) % 17, aim: (t * 31) & 255, buttons: t % 3 === 0 ? 4 : 0 };
    const now = t * TICK;
    match.seq = (match.seq + 1) & 127;
    server.sent.push(say);
    p.input(match.seq, say, now);
    match.inputAt = now;
    server.step();
    meddle?.(server, t);
    const arrived = server.frames[t - 1 - late];
    if (arrived) {
      frame = arrived;
      p.frame(now + 3, say);
      if (t > 2 * late + 2) worst = Math.max(worst, p.correction);
    }
    for (let ms = 5; ms < TICK; ms += 8) {
      p.smooth(0.008);
      const at = p.shown(now + ms, say);
      jump = Math.max(jump, Math.hypot(at.x - shown.x, at.y - shown.y));
      shown = at;
    }
  }
  return { worst, jump };
}

for (const late of [0, 1, 3, 8]) {
  test(`no correction with frames and inputs ${late} ticks late`, () => {
    const { worst, jump } = play(late, 900);
    assert.equal(worst, 0);
    assert.ok(jump < 60, `moved ${jump} units in 8 ms`);
  });
}

test('a shove by the server is followed softly', () => {
  const { worst, jump } = play(3, 300, (server, t) => { if (t === 150) server.body.vx += 30; });
  assert.ok(worst > 20, `corrected by ${worst}`);
  assert.ok(jump < 80, `moved ${jump} units at once`);
});
