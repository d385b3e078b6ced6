// What a player wants to know at a glance, as elements above the canvas.

import { rankOf } from '../arena/rank.ts';
import type { Actor, Scene, Score } from '../arena/scene.ts';
import { h, setText, setVar, show } from '../ui/dom.ts';
import { fade } from '../render/palette.ts';
import { clock, ordinal } from '../ui/words.ts';

export interface Vitals { hp: number; ammo: number; until: number; dead: boolean }

export class Hud {
  readonly root: HTMLElement;
  private readonly timer = h('span.clock');
  private readonly place = h('span.place');
  private readonly feed = h('div.feed', { ariaLive: 'polite' });
  private readonly hp = h('span.number');
  private readonly ammo = h('span.number');
  private readonly health = h('div.vital.health', null, h('span.label', null, 'Health'), this.hp, h('div.bar'));
  private readonly bolts = h('div.vital.ammo', null, h('span.label', null, 'Bolts'), this.ammo, h('div.bar'));
  private readonly dash = skill('Dash', 'Space');
  private readonly rail = skill('Rail', 'Right');
  private readonly vitals = h('div.vitals', null, this.health, this.bolts, this.dash, this.rail);
  private readonly crosshair = h('div.crosshair', null, h('i'), h('i'), h('i'), h('i'), h('b'));
  private readonly pain = h('div.pain');
  private readonly fallen = h('div.fallen', { hidden: true }, h('p.by'), h('p.wait'));
  private readonly flash = h('div.flash');
  private hurting = 0;
  private marked = 0;

  constructor() {
    this.root = h('div.hud', { hidden: true }, h('div.shade'), this.pain, h('div.top', null, this.place, this.timer), this.feed,
      this.vitals, this.fallen, this.flash, this.crosshair);
  }

  /** A match begins: nothing is left of the one before. */
  reset(): void {
    this.feed.replaceChildren();
    this.hurting = 0;
    show(this.fallen, false);
  }

  update(scene: Scene, v: Vitals, ready: { rail: number; dash: number }, left: number, seconds: number): void {
    setText(this.timer, clock(left));
    this.timer.classList.toggle('last', left < 30);
    this.standing(scene);
    setText(this.hp, String(Math.max(0, v.hp)));
    setText(this.ammo, String(v.ammo));
    setVar(this.health, '--part', Math.min(1, v.hp / 100));
    setVar(this.bolts, '--part', Math.min(1, v.ammo / 80));
    this.health.classList.toggle('low', !v.dead && v.hp <= 30);
    this.bolts.classList.toggle('low', !v.dead && v.ammo <= 6);
    this.vitals.classList.toggle('down', v.dead);
    for (const [el, part] of [[this.dash, ready.dash], [this.rail, ready.rail]] as const) {
      setVar(el, '--part', part);
      el.classList.toggle('ready', part >= 1);
    }
    setVar(this.crosshair, '--rail', ready.rail);
    this.hurting = Math.max(0, this.hurting - seconds * 1.6);
    this.pain.style.opacity = String(Math.min(0.8, this.hurting + (!v.dead && v.hp <= 30 ? 0.25 : 0)));
    this.marked -= seconds;
    this.crosshair.classList.toggle('hit', this.marked > 0);
    show(this.fallen, v.dead);
    if (v.dead) setText(this.fallen.querySelector('.wait')!, v.until > 0 ? `Back in ${v.until.toFixed(1)}` : 'Back now');
  }

  private standing(scene: Scene): void {
    if (scene.score) return this.sides(scene.score);
    const me = scene.me!, rank = rankOf(me.frags, scene.actors);
    let all = 0, other: Actor | undefined;
    for (const a of scene.actors) {
      if (!a.here) continue;
      all++;
      if (!a.me) other = a;
    }
    setText(this.place, all === 2 && other ? `You ${me.frags} : ${other.frags} ${other.name}`
      : `${ordinal(rank)} of ${all}  ·  ${me.frags} ${me.frags === 1 ? 'frag' : 'frags'}`);
    this.place.classList.toggle('first', rank === 1 && me.frags > 0);
  }

  private sides(s: Score): void {
    setText(this.place, `● We ${s.us} : ${s.them} They ◆${s.limit > 0 ? `  ·  to ${s.limit}` : ''}`);
    this.place.classList.toggle('first', s.us > s.them);
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
    const line = h('div.kill', null, named(by), h('span.with', null, weapon), named(on));
    if (by.me || on.me) line.classList.add('mine');
    this.feed.append(line);
    while (this.feed.children.length > 5) this.feed.firstChild!.remove();
    setTimeout(() => line.classList.add('old'), 4500);
    setTimeout(() => line.remove(), 5200);
    if (on.me) setText(this.fallen.querySelector('.by')!, by.me ? 'You fell by your own hand' : `Fragged by ${by.name}`);
    if (by.me && !on.me) this.announce(`You fragged ${on.name}`);
  }

  announce(text: string): void {
    const line = h('p', null, text);
    this.flash.replaceChildren(line);
    setTimeout(() => line.remove(), 1600);
  }
}

function named(a: Actor): HTMLElement {
  const el = h('span.who', null, a.ally === undefined || a.me ? a.name : `${a.ally ? '●' : '◆'} ${a.name}`);
  el.style.color = a.color;
  el.style.textShadow = `0 0 12px ${fade(a.color, 0.35)}`;
  return el;
}

const skill = (name: string, key: string) => h('div.skill', null, h('div.ring'), h('span.name', null, name), h('kbd', null, key));
