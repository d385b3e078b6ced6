// What a player of the swarm wants to know at a glance, above the canvas.

import { HudFrame } from '../hud/frame.ts';
import { Skill } from '../hud/parts.ts';
import { h, setText, setVar } from '../ui/dom.ts';
import { ordinal } from '../ui/words.ts';
import type { Leader, Who, World } from './world.ts';

const EVERY_MS = 250;

export class SwarmHud {
  private readonly mass = h('span.number');
  private readonly size = h('div.vital.mass', null, h('span.label', null, 'Mass'), this.mass, h('div.bar'));
  private readonly split = new Skill('Split', 'Space');
  private readonly boost = new Skill('Boost', 'Shift');
  private readonly vitals = h('div.vitals', null, this.size, this.split.root, this.boost.root);
  private readonly rows = h('ol');
  private readonly leaders = h('div.leaders', { ariaLabel: 'Leaders' }, h('h3', null, 'Leaders'), this.rows);
  private readonly frame = new HudFrame(this.vitals, this.leaders);
  readonly root = this.frame.root;
  private drawnAt = -1e9;

  /** A match begins: nothing is left of the one before. */
  reset(): void {
    this.frame.reset();
    this.drawnAt = -1e9;
  }

  /** @param all whether all leaders are to be shown, where there is room for few */
  update(world: World, all: boolean, now: number): void {
    const me = world.self;
    this.split.update(me.split);
    this.boost.update(me.boost);
    setVar(this.size, '--part', Math.min(1, Math.sqrt(me.mass / 16384)));
    this.vitals.classList.toggle('down', me.dead);
    this.frame.fallen.update(me.dead && !world.watched, me.until);
    this.leaders.classList.toggle('all', all);
    if (now - this.drawnAt < EVERY_MS) return;
    this.drawnAt = now;
    this.frame.time(world.left);
    this.frame.standing(me.rank > 0 ? `${ordinal(me.rank)} of ${world.players}` : `${world.players} players`, me.rank === 1);
    setText(this.mass, String(me.mass));
    this.rows.replaceChildren(...world.leaders.map(row));
  }

  fell(by: Who, who: Who): void {
    this.frame.feed.say(by, 'ate', who);
  }

  died(by?: Who): void {
    this.frame.fallen.because(by ? `Eaten by ${by.name}` : 'Eaten');
  }

  ate(who: Who): void {
    this.frame.flash.announce(`You ate ${who.name}`);
  }
}

function row({ who, mass }: Leader): HTMLElement {
  const dot = h('i.dot');
  dot.style.background = who.color;
  return h(who.me ? 'li.me' : 'li', null, dot, h('span.who', null, who.name), h('b', null, String(mass)));
}
