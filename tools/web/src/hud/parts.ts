// Small pieces of what stands above a game's canvas, which its HUD puts together.

import { h, setText, setVar, show } from '../ui/dom.ts';

/** A round sign of something that one can do, with its key. */
export class Skill {
  readonly root: HTMLElement;

  constructor(name: string, key: string) {
    this.root = h('div.skill', null, h('div.ring'), h('span.name', null, name), h('kbd', null, key));
  }

  /** @param part of the wait for it that is over */
  update(part: number): void {
    setVar(this.root, '--part', part);
    this.root.classList.toggle('ready', part >= 1);
  }
}

/** Stands in the middle while one is out of the game. */
export class Fallen {
  private readonly by = h('p.by');
  private readonly wait = h('p.wait');
  readonly root = h('div.fallen', { hidden: true }, this.by, this.wait);

  because(text: string): void {
    setText(this.by, text);
  }

  /** @param until seconds to the return */
  update(dead: boolean, until: number): void {
    show(this.root, dead);
    if (dead) setText(this.wait, until > 0 ? `Back in ${until.toFixed(1)}` : 'Back now');
  }
}

/** Words that rise and are gone. */
export class Flash {
  readonly root = h('div.flash');

  announce(text: string): void {
    const line = h('p', null, text);
    this.root.replaceChildren(line);
    setTimeout(() => line.remove(), 1600);
  }
}
