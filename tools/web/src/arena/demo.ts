// A calm arena behind the menu: a few who wander about and shoot now and
// then. They move by the rules, but nothing here is a match.

import type { Effects } from '../render/effects.ts';
import { colorOf } from '../render/palette.ts';
import { direction, radians } from './angle.ts';
import { mapNamed } from './map.ts';
import { type Body, move } from './move.ts';
import { CELL, paceAt } from './pace.ts';
import { type Scene, newActor } from './scene.ts';

const HZ = 30, WANDERERS = 9;

interface Wanderer { body: Body; way: number; until: number; fire: number; aim: number }
interface Flying { x: number; y: number; aim: number; left: number; flown: number; color: string }

export class Demo {
  readonly scene: Scene = { map: mapNamed('forge'), actors: [], bolts: [], pickups: [], marks: [] };
  private readonly pace = paceAt(HZ);
  private readonly wanderers: Wanderer[] = [];
  private flying: Flying[] = [];
  private tick = 0;
  private lead = 0;
  private time = 0;

  constructor(private readonly effects: Effects) {
    const spawns = this.scene.map.spawns;
    for (let i = 0; i < WANDERERS; i++) {
      const at = spawns[(i * 7) % spawns.length];
      this.wanderers.push({ body: { x: at.x, y: at.y, vx: 0, vy: 0, dash: 0 }, way: 1, until: 0, fire: 40 + i * 17, aim: 0 });
      this.scene.actors.push({ ...newActor(i), here: true, dead: false, hp: 100, color: colorOf(i, i === 0) });
    }
    const { width, height } = this.scene.map;
    this.scene.pickups.push({ x: width / 2, y: height / 2 - 0.5, kind: 3, there: true, back: 0 });
  }

  /** Where the eye drifts, in metres. */
  get eye(): { x: number; y: number } {
    const { width, height } = this.scene.map;
    return { x: width / 2 + Math.cos(this.time * 0.07) * width * 0.2, y: height / 2 + Math.sin(this.time * 0.11) * height * 0.16 };
  }

  update(seconds: number): void {
    this.time += seconds;
    this.lead = Math.min(this.lead + seconds * HZ * 0.6, 3); // slower than a match
    for (; this.lead >= 1; this.lead--) this.step();
    this.wanderers.forEach((w, i) => {
      const a = this.scene.actors[i];
      a.x = (w.body.x + w.body.vx * (this.lead - 1)) / CELL;
      a.y = (w.body.y + w.body.vy * (this.lead - 1)) / CELL;
      a.aim += turn(a.aim, radians(w.aim)) * Math.min(1, seconds * 6);
    });
    this.fly(seconds);
  }

  private step(): void {
    this.tick++;
    for (const [i, w] of this.wanderers.entries()) {
      if (this.tick >= w.until || (w.body.vx === 0 && w.body.vy === 0 && Math.random() < 0.2)) this.choose(w);
      move(w.body, { tick: this.tick, move: w.way, aim: w.aim, dash: false }, this.pace, this.scene.map);
      if (this.tick >= w.fire) this.shoot(w, i);
    }
  }

  private choose(w: Wanderer): void {
    w.way = 1 + Math.floor(Math.random() * 16);
    w.until = this.tick + 15 + Math.floor(Math.random() * 50);
    w.aim = (w.way - 1) * 16;
  }

  /** At whoever is in sight, if that is more than the wall ahead. */
  private shoot(w: Wanderer, i: number): void {
    w.fire = this.tick + 6 + Math.floor(Math.random() * 8);
    const foe = this.wanderers.find((o) => o !== w && Math.hypot(o.body.x - w.body.x, o.body.y - w.body.y) < 12 * CELL
      && this.scene.map.ray(w.body.x, w.body.y, o.body.x, o.body.y).clear);
    if (!foe || Math.random() < 0.3) {
      w.fire += 60;
      return;
    }
    w.aim = direction(Math.atan2(foe.body.y - w.body.y, foe.body.x - w.body.x) + (Math.random() - 0.5) * 0.2);
    const a = this.scene.actors[i], aim = radians(w.aim);
    this.effects.flash(a.x + Math.cos(aim) * 0.6, a.y + Math.sin(aim) * 0.6, aim, a.color);
    this.flying.push({ x: a.x, y: a.y, aim, left: 1.2, flown: 0, color: a.color });
  }

  private fly(seconds: number): void {
    const map = this.scene.map;
    this.flying = this.flying.filter((f) => {
      f.x += Math.cos(f.aim) * 20 * seconds;
      f.y += Math.sin(f.aim) * 20 * seconds;
      f.flown += 20 * seconds;
      f.left -= seconds;
      if (!map.solid(Math.floor(f.x), Math.floor(f.y))) return f.left > 0;
      this.effects.burst(f.x, f.y, f.aim + Math.PI, 1, 6, 4, f.color);
      return false;
    });
    this.scene.bolts = this.flying;
  }
}

/** The short way from one angle to another. */
function turn(from: number, to: number): number {
  const d = (to - from) % (2 * Math.PI);
  return d > Math.PI ? d - 2 * Math.PI : d < -Math.PI ? d + 2 * Math.PI : d;
}
