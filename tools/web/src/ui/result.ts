import type { Over } from '@muster/client';
import { ordinal } from '../hud/hud.ts';
import { h, setText } from './dom.ts';

export interface Placed { rank: number; score: number; name: string; color: string; me: boolean }

const WHY: Record<string, string> = {
  left: 'You left the match.', failed: 'The match failed; that was not you.', drained: 'The server is restarting, so the match ended early.',
  abandoned: 'The match hung and was given up; that was not you.',
};

/** How a match ended, and on to the next. */
export class ResultScreen {
  readonly root: HTMLElement;
  private readonly title = h('h2');
  private readonly why = h('p.status');
  private readonly rows = h('ol.places');
  private readonly again: HTMLButtonElement;

  constructor(again: () => void, menu: () => void) {
    this.again = h<HTMLButtonElement>('button.primary', { type: 'button', onclick: again }, 'Play again');
    this.root = h('div.screen.result', { hidden: true }, h('div.panel', null, this.title, this.why, this.rows,
      h('div.row', null, this.again, h('button.quiet', { type: 'button', onclick: menu }, 'Menu'))));
  }

  open(over: Over, places: Placed[]): void {
    const mine = places.find((p) => p.me);
    const alone = mine && places.filter((p) => p.rank === mine.rank).length === 1;
    setText(this.title, over.why !== 'finished' || !mine ? 'Match over'
      : mine.rank === 1 ? (alone ? 'Victory' : 'A draw at the top') : `${ordinal(mine.rank)} place`);
    this.root.classList.toggle('won', over.why === 'finished' && mine?.rank === 1);
    setText(this.why, WHY[over.why] ?? (mine ? `${mine.score} ${mine.score === 1 ? 'frag' : 'frags'} against ${places.length - 1} others` : ''));
    this.rows.replaceChildren(...places.slice(0, 16).map((p) => {
      const dot = h('i.dot');
      dot.style.background = p.color;
      return h(p.me ? 'li.me' : 'li', null, h('span.rank', null, String(p.rank)), dot, h('span.who', null, p.name), h('span.score', null, String(p.score)));
    }));
    this.root.hidden = false;
    this.again.focus();
  }
}
