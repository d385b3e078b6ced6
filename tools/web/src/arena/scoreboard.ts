import { SeatStatus, type RosterSeat } from '@muster/client';
import { h, show } from '../ui/dom.ts';
import { ranked } from './rank.ts';
import type { Actor, Score } from './scene.ts';

/** Who has how many frags: held up with Tab. */
export class Scoreboard {
  readonly root: HTMLElement;
  private readonly rows = h('tbody');
  private drawnAt = -1e9;

  constructor() {
    this.root = h('div.board', { hidden: true }, h('table', null,
      h('thead', null, h('tr', null, ...['#', 'Player', 'Frags', 'Deaths', 'Ratio'].map((t) => h('th', null, t)))), this.rows));
  }

  /** Shows or hides it; while it is shown it is drawn anew four times a second. */
  update(visible: boolean, actors: Actor[], roster: Map<number, RosterSeat>, now: number, score?: Score): void {
    show(this.root, visible);
    if (!visible) {
      this.drawnAt = -1e9;
      return;
    }
    if (now - this.drawnAt < 250) return;
    this.drawnAt = now;
    const rows = (of: Actor[]) => ranked(of).map(({ actor, rank }) => row(actor, rank, roster.get(actor.seat)?.status));
    this.rows.replaceChildren(...score ? [
      side(score.ours ? '● Your team' : '● Blue', score.us), ...rows(actors.filter((a) => a.ally)),
      side(score.ours ? '◆ The others' : '◆ Orange', score.them), ...rows(actors.filter((a) => !a.ally)),
    ] : rows(actors));
  }
}

const side = (name: string, frags: number) => h('tr.side', null, h('td'), h('td', null, name), h('td', null, String(frags)), h('td'), h('td'));

function row(a: Actor, rank: number, status?: number): HTMLElement {
  const dot = h('i.dot');
  dot.style.background = a.color;
  dot.classList.toggle('foe', a.ally === false);
  const tag = status === SeatStatus.bot ? 'bot' : status === SeatStatus.away ? 'away' : '';
  const who = h('td', null, h('div.cell', null, dot, h('span.who', null, a.name), tag !== '' && h('span.tag', null, tag)));
  return h(a.me ? 'tr.me' : 'tr', null, h('td', null, String(rank)), who, h('td', null, String(a.frags)),
    h('td', null, String(a.deaths)), h('td', null, (a.frags / Math.max(1, a.deaths)).toFixed(1)));
}
