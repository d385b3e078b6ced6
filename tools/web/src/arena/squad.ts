import { h, setText, setVar, show } from '../ui/dom.ts';
import type { Actor } from './scene.ts';

/** How one's team does: each mate's health, bolts and rail. Nobody else is shown them. */
export class Squad {
  readonly root = h('div.squad', { hidden: true, ariaLabel: 'Your team' });
  private readonly lines = new Map<number, Line>();

  update(actors: Actor[]): void {
    const mates = actors.filter((a) => a.ally && !a.me && a.here);
    show(this.root, mates.length > 0);
    for (const [seat, line] of this.lines) {
      if (mates.some((a) => a.seat === seat)) continue;
      line.root.remove();
      this.lines.delete(seat);
    }
    for (const a of mates) this.line(a).update(a);
  }

  private line(a: Actor): Line {
    let line = this.lines.get(a.seat);
    if (!line) {
      this.lines.set(a.seat, line = new Line());
      this.root.append(line.root);
    }
    return line;
  }
}

class Line {
  private readonly name = h('span.who');
  private readonly bar = h('div.bar');
  private readonly ammo = h('span.ammo', { title: 'Bolts' });
  private readonly rail = h('span.rail', { title: 'Rail' });
  readonly root = h('div.mate', null, this.name, this.bar, this.ammo, this.rail);

  update(a: Actor): void {
    setText(this.name, `● ${a.name}`);
    setVar(this.bar, '--part', a.dead ? 0 : Math.min(1, a.hp / 100));
    setText(this.ammo, a.dead ? '–' : String(a.arms?.ammo ?? 0));
    setText(this.rail, a.arms?.rail && !a.dead ? 'rail' : '');
    this.root.classList.toggle('down', a.dead);
    this.root.classList.toggle('low', !a.dead && a.hp <= 30);
  }
}
