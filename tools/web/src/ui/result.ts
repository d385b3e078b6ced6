import type { Over } from '@muster/client';
import { ordinal } from './words.ts';
import { change } from './boards.ts';
import { h, setText, show } from './dom.ts';
import type { About } from './person.ts';
import { counts, type Rated, ratedOf } from './rated.ts';

/** player is empty where it is nobody's id: a bot's, or of who has left. unit is what scores count, if not frags. */
export interface Placed { rank: number; score: number; player: string; name: string; color: string; me: boolean; bot: boolean; ally?: boolean; unit?: string }

const WHY: Record<string, string> = {
  left: 'You left the match.', failed: 'The match failed; that was not you.', drained: 'The server is restarting, so the match ended early.',
  abandoned: 'Too few players were left, so the match ended.',
  kicked: 'You were taken out of the match.', ended: 'The operator has ended the match; it counts for nothing.',
};

/** What there is to say of how a match ended: as a title, and a line below. */
export function verdict(why: string, places: Placed[]): { title: string; line: string; won: boolean } {
  const mine = places.find((p) => p.me);
  if (why === 'finished' && !mine && places.length > 0) return { title: 'Match over', line: winner(places), won: false };
  if (why !== 'finished' || !mine) return { title: 'Match over', line: WHY[why] ?? '', won: false };
  if (mine.ally !== undefined) return ofTeams(mine, places);
  const others = places.filter((p) => p !== mine), shared = others.some((p) => p.rank === mine.rank);
  const scored = `${mine.score} ${mine.unit ?? (mine.score === 1 ? 'frag' : 'frags')}`;
  const won = mine.rank === 1;
  if (others.length === 1) {
    const title = shared ? 'Draw' : won ? 'Victory' : 'Defeat';
    return { title, line: `${mine.score} to ${others[0].score} against ${others[0].name}`, won: won && !shared };
  }
  const title = won ? (shared ? 'Shared victory' : 'Victory') : `${ordinal(mine.rank)} place`;
  return { title, line: others.length === 0 ? scored : `${scored} against ${others.length} others`, won };
}

/** Who has won, for who has watched; of teams ours is the blue one, see arena/teams. */
function winner(places: Placed[]): string {
  const first = places.filter((p) => p.rank === 1), sides = new Set(first.map((p) => p.ally));
  if (first[0].ally !== undefined) return sides.size > 1 ? 'A draw' : first[0].ally ? 'Blue has won' : 'Orange has won';
  return first.length > 3 ? `${first.length} share the victory` : `${first.map((p) => p.name).join(' and ')} ${first.length > 1 ? 'have' : 'has'} won`;
}

/** A team's members share its rank; each has frags of its own. */
function ofTeams(mine: Placed, places: Placed[]): { title: string; line: string; won: boolean } {
  const frags = (ally: boolean) => places.reduce((sum, p) => p.ally === ally ? sum + p.score : sum, 0);
  const drawn = places.some((p) => !p.ally && p.rank === mine.rank), won = mine.rank === 1 && !drawn;
  const title = drawn ? 'Draw' : won ? 'Victory' : 'Defeat';
  return { title, line: `Your team ${frags(true)} to ${frags(false)}; ${mine.score} of it by you`, won };
}

/** The first of them, and oneself. */
const seenOf = (places: Placed[]) => places.filter((p, i) => i < 16 || p.me);

/** How a match ended, and on to the next. */
export class ResultScreen {
  readonly root: HTMLElement;
  private readonly title = h('h2');
  private readonly why = h('p.status');
  private readonly rows = h('ol.places');
  private readonly rating = h('p.rating', { hidden: true, role: 'status' });
  private match = '';
  /** What mail says of the last match, which may come before the match's own end, or after it. */
  private told?: Rated;
  private readonly again: HTMLButtonElement;
  private readonly leave: HTMLButtonElement;

  /** @param about shows another player */
  constructor(again: () => void, menu: () => void, private readonly about: (who: About) => void) {
    this.again = h<HTMLButtonElement>('button.primary', { type: 'button', onclick: again }, 'Play again');
    this.leave = h<HTMLButtonElement>('button.quiet', { type: 'button', onclick: menu }, 'Menu');
    this.root = h('div.screen.result', { hidden: true }, h('div.panel', null, this.title, this.why, this.rating, this.rows,
      h('div.row', null, this.again, this.leave)));
  }

  open(over: Over, places: Placed[]): void {
    const { title, line, won } = verdict(over.why, places);
    setText(this.title, title);
    setText(this.why, line);
    this.root.classList.toggle('won', won);
    this.rows.replaceChildren(...seenOf(places).map((p) => {
      const dot = h('i.dot');
      dot.style.background = p.color;
      dot.classList.toggle('foe', p.ally === false);
      return h(p.me ? 'li.me' : 'li', null, h('span.rank', null, String(p.rank)), dot, h('div.cell', null, this.who(p), p.bot && h('span.tag', null, 'bot')), h('span.score', null, String(p.score)));
    }));
    this.match = over.match;
    this.showRating();
    this.root.hidden = false;
    this.again.focus();
  }

  private who(p: Placed): HTMLElement {
    if (p.me || p.bot || p.player === '') return h('span.who', null, p.name);
    return h('button.who.name', { type: 'button', title: `About ${p.name}`, onclick: () => this.about(p) }, p.name);
  }

  /** Whether one goes back to a room of players from here. */
  inRoom(within: boolean): void {
    setText(this.again, within ? 'Back to the room' : 'Play again');
    setText(this.leave, within ? 'Leave' : 'Menu');
  }

  /** @param data of the mail about a match's result */
  rated(data: string): void {
    this.told = ratedOf(data) ?? this.told;
    this.showRating();
  }

  private showRating(): void {
    const r = this.told?.match === this.match && counts(this.told) ? this.told : undefined;
    show(this.rating, r !== undefined);
    if (r) this.rating.replaceChildren('Rating ', h('strong', null, String(r.after)), ' ', change(r.before, r.after));
  }
}
