// What a player of the arena wants to know at a glance, above the canvas.

import { HudFrame } from '../hud/frame.ts';
import { Skill } from '../hud/parts.ts';
import { h, setText, setVar } from '../ui/dom.ts';
import { ordinal } from '../ui/words.ts';
import { rankOf } from './rank.ts';
import type { Actor, Scene, Score } from './scene.ts';

export interface Vitals { hp: number; ammo: number; until: number; dead: boolean }

export class ArenaHud {
  private readonly hp = h('span.number');
  private readonly ammo = h('span.number');
  private readonly health = h('div.vital.health', null, h('span.label', null, 'Health'), this.hp, h('div.bar'));
  private readonly bolts = h('div.vital.ammo', null, h('span.label', null, 'Bolts'), this.ammo, h('div.bar'));
  private readonly dash = new Skill('Dash', 'Space');
  private readonly rail = new Skill('Rail', 'Right');
  private readonly vitals = h('div.vitals', null, this.health, this.bolts, this.dash.root, this.rail.root);
  private readonly crosshair = h('div.crosshair', null, h('i'), h('i'), h('i'), h('i'), h('b'));
  private readonly pain = h('div.pain');
  private readonly frame = new HudFrame(this.pain, this.vitals);
  readonly root = this.frame.root;
  private hurting = 0;
  private marked = 0;

  constructor() {
    this.root.append(this.crosshair);
  }

  /** A match begins: nothing is left of the one before. */
  reset(): void {
    this.frame.reset();
    this.hurting = 0;
  }

  update(scene: Scene, v: Vitals, ready: { rail: number; dash: number }, left: number, seconds: number): void {
    this.frame.time(left);
    this.standing(scene);
    setText(this.hp, String(Math.max(0, v.hp)));
    setText(this.ammo, String(v.ammo));
    setVar(this.health, '--part', Math.min(1, v.hp / 100));
    setVar(this.bolts, '--part', Math.min(1, v.ammo / 80));
    this.health.classList.toggle('low', !v.dead && v.hp <= 30);
    this.bolts.classList.toggle('low', !v.dead && v.ammo <= 6);
    this.vitals.classList.toggle('down', v.dead);
    this.dash.update(ready.dash);
    this.rail.update(ready.rail);
    setVar(this.crosshair, '--rail', ready.rail);
    this.hurting = Math.max(0, this.hurting - seconds * 1.6);
    this.pain.style.opacity = String(Math.min(0.8, this.hurting + (!v.dead && v.hp <= 30 ? 0.25 : 0)));
    this.marked -= seconds;
    this.crosshair.classList.toggle('hit', this.marked > 0);
    this.frame.fallen.update(v.dead, v.until);
  }

  /** For who watches. */
  updateWatched(scene: Scene, left: number): void {
    this.frame.time(left);
    this.standing(scene);
  }

  private standing(scene: Scene): void {
    if (scene.score) return this.sides(scene.score);
    const here = scene.actors.filter((a) => a.here), all = here.length;
    const eye = scene.eye ?? (all === 2 ? here[0] : undefined); // of two both are told of
    if (!eye) return this.frame.standing(`${all} players`, false);
    const rank = rankOf(eye.frags, scene.actors), other = here.find((a) => a !== eye);
    this.frame.standing(all === 2 && other ? `${eye.me ? 'You' : eye.name} ${eye.frags} : ${other.frags} ${other.name}`
      : `${ordinal(rank)} of ${all}  ·  ${fragsOf(eye)}`, rank === 1 && eye.frags > 0);
  }

  private sides(s: Score): void {
    const [us, them] = s.ours ? ['We', 'They'] : ['Blue', 'Orange'];
    this.frame.standing(`● ${us} ${s.us} : ${s.them} ${them} ◆${s.limit > 0 ? `  ·  to ${s.limit}` : ''}`, s.ours && s.us > s.them);
  }

  aimAt(x: number, y: number): void {
    this.crosshair.style.transform = `translate(${x}px, ${y}px)`;
  }

  hurt(damage: number): void {
    this.hurting = Math.min(1, this.hurting + 0.25 + damage / 90);
  }

  hitMark(): void {
    this.marked = 0.14;
  }

  kill(by: Actor, on: Actor, weapon: string): void {
    this.frame.feed.say(signed(by), weapon, signed(on));
    if (on.me) this.frame.fallen.because(by.me ? 'You fell by your own hand' : `Fragged by ${by.name}`);
    if (by.me && !on.me) this.frame.flash.announce(`You fragged ${on.name}`);
  }
}

export const fragsOf = (a: Actor) => `${a.frags} ${a.frags === 1 ? 'frag' : 'frags'}`;

/** With the side's shape before the name, where there are sides. */
const signed = (a: Actor) => ({ ...a, sign: a.ally === undefined || a.me ? undefined : a.ally ? '●' : '◆' });
