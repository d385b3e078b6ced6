// What stands above the canvas in every kind of game: how one stands and for
// how long still, who felled whom, and that one is out.

import { h, setText } from '../ui/dom.ts';
import { clock } from '../ui/words.ts';
import { Feed } from './feed.ts';
import { Fallen, Flash } from './parts.ts';

export class HudFrame {
  readonly root: HTMLElement;
  readonly feed = new Feed();
  readonly fallen = new Fallen();
  readonly flash = new Flash();
  private readonly clock = h('span.clock');
  private readonly place = h('span.place');

  /** @param parts of the game's own, below what comes and goes */
  constructor(...parts: HTMLElement[]) {
    this.root = h('div.hud', { hidden: true }, h('div.shade'), ...parts, h('div.top', null, this.place, this.clock),
      this.feed.root, this.fallen.root, this.flash.root);
  }

  /** A match begins: nothing is left of the one before. */
  reset(): void {
    this.feed.reset();
    this.fallen.update(false, 0);
  }

  /** @param left seconds of the round */
  time(left: number): void {
    setText(this.clock, clock(left));
    this.clock.classList.toggle('last', left < 30);
  }

  standing(text: string, first: boolean): void {
    setText(this.place, text);
    this.place.classList.toggle('first', first);
  }
}
