import { ApiError, around, type Board, leaderboard, matches, type Mode, type Played, type Session, type Standing } from '@muster/client';
import { avatar } from './avatar.ts';
import { Dialog } from './dialog.ts';
import { h } from './dom.ts';
import { field } from './form.ts';
import { problem } from './problems.ts';
import { ago, ordinal, signed } from './words.ts';

const BEST = 10, NEAR = 3;

/** How players stand in a mode and season, and one's own last matches. */
export class Boards extends Dialog {
  private readonly modes = h<HTMLSelectElement>('select', { onchange: () => { this.season = 0; void this.load(); } });
  private readonly seasons = h<HTMLSelectElement>('select', { onchange: () => { this.season = Number(this.seasons.value); void this.load(); } });
  private readonly list = h('div.list', { ariaLive: 'polite' });
  private readonly tabs: HTMLElement;
  private season = 0;
  private own = false;
  private asked = 0;

  /** @param session asks for one: it takes a login to look */
  constructor(private readonly session: () => Promise<Session>) {
    super('boards', 'Leaderboard');
    this.tabs = h('div.tabs', null, h('button.tab', { type: 'button', onclick: () => this.turn(false) }, 'Standings'),
      h('button.tab', { type: 'button', onclick: () => this.turn(true) }, 'My matches'));
    this.body.append(this.tabs, h('div.pick', null, field('Mode', this.modes), field('Season', this.seasons)), this.list);
  }

  open(modes: Mode[], mode: string): void {
    this.modes.replaceChildren(...modes.map((m) => h('option', { value: m.name, selected: m.name === mode }, m.title || m.name)));
    this.season = 0;
    this.show();
    this.turn(this.own);
  }

  private turn(own: boolean): void {
    this.own = own;
    for (const [i, t] of [...this.tabs.children].entries()) t.ariaPressed = String((i === 1) === own);
    void this.load();
  }

  private async load(): Promise<void> {
    const ask = ++this.asked;
    this.list.classList.add('loading');
    const shown = await this.fetch().catch((e: unknown) => [h('p.status.bad', null, problem(e))]);
    if (ask !== this.asked) return; // something else was asked for meanwhile
    this.list.classList.remove('loading');
    this.list.replaceChildren(...shown);
  }

  private async fetch(): Promise<Node[]> {
    const session = await this.session(), mode = this.modes.value;
    if (this.own) {
      this.seasons.disabled = true;
      return history((await matches(session, 50)).matches.filter((m) => m.mode === mode));
    }
    const top = await leaderboard(session, mode, this.season, BEST);
    this.offerSeasons(top);
    return standings(top, top.players > BEST ? await nearby(session, mode, this.season) : [], session.player.id);
  }

  private offerSeasons(b: Board): void {
    this.seasons.disabled = b.seasons.length < 2;
    this.seasons.replaceChildren(...b.seasons.map((n, i) => h('option', { value: String(n), selected: n === b.season }, i === 0 ? `${n}, now` : String(n))));
  }
}

/** Who is not on the board has nobody around. */
const nearby = (session: Session, mode: string, season: number) => around(session, mode, season, NEAR).then((b) => b.standings, (e: unknown) => {
  if (e instanceof ApiError && e.code === 'not_ranked') return [];
  throw e;
});

/** The best, then a gap, then oneself among the next ones; without a gap where these are among the best. */
function standings(top: Board, near: Standing[], me: string): Node[] {
  if (top.standings.length === 0) return [h('p.lead', null, 'Nobody has played for this board yet. Be the first.')];
  const last = top.standings.at(-1)!.rank, rest = near.filter((s) => s.rank > last);
  const rows = top.standings.map((s) => row(s, me));
  if (rest.length > 0 && rest[0].rank > last + 1) rows.push(h('li.gap', null, '⋯'));
  rows.push(...rest.map((s) => row(s, me)));
  const until = top.ends ? ` · the season ends on ${new Date(top.ends).toLocaleDateString(undefined, { day: 'numeric', month: 'long' })}` : '';
  const absent = ![...top.standings, ...near].some((s) => s.player.id === me) ? ' · play a match to be on it' : '';
  return [h('ol.standings', null, ...rows), h('p.foot', null, `${top.players} ${top.players === 1 ? 'player' : 'players'}${absent}${until}`)];
}

const row = (s: Standing, me: string) => h(s.player.id === me ? 'li.me' : 'li', null, h('span.rank', null, String(s.rank)), avatar(s.player.id, s.player.name),
  h('span.who', null, s.player.name), h('span.record', { title: 'Won and lost' }, `${s.wins} : ${s.losses}`), h('span.score', null, String(s.points)));

const OUTCOMES = { won: 'Won', lost: 'Lost', drew: 'Draw', unfinished: 'Not finished' };

function history(played: Played[]): Node[] {
  if (played.length === 0) return [h('p.lead', null, 'You have not finished a match of this mode yet.')];
  const now = Date.now();
  return [h('ol.standings.history', null, ...played.map((m) => h(`li.${m.outcome}`, null,
    h('span.who', null, OUTCOMES[m.outcome], m.place ? h('small', null, `${ordinal(m.place)} place, ${m.score} points`) : ''),
    h('small', null, ago((now - Date.parse(m.at)) / 1000)), m.before !== m.after && change(m.before, m.after))))];
}

/** What a match has done to a rating. */
export const change = (before: number, after: number) => h(after > before ? 'span.change.up' : after < before ? 'span.change.down' : 'span.change', null, signed(after - before));
