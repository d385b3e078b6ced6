import type { LiveMatch, Mode, Session } from '@muster/client';
import { Dialog } from '../ui/dialog.ts';
import { h, redraw, setText } from '../ui/dom.ts';
import { problem } from '../ui/problems.ts';
import { clock } from '../ui/words.ts';

/** How often the list is asked for while it is open. */
const EVERY_MS = 4000;
/** As many names of a match are told, and as many matches are listed. */
const NAMES = 4, MOST = 50;

/** The matches that run and can be watched. */
export class WatchDialog extends Dialog {
  private readonly mode = h<HTMLSelectElement>('select', { ariaLabel: 'Mode', onchange: () => void this.load() });
  private readonly rows = h('ul.people.live');
  private readonly note = h('p.status', { role: 'status' });
  private modes: Mode[] = [];
  private asked = 0;
  private timer?: ReturnType<typeof setTimeout>;

  /**
   * @param session asks for one: it takes a login to look
   * @param watch goes to watch one
   */
  constructor(private readonly session: () => Promise<Session>, private readonly watch: (m: LiveMatch) => void) {
    super('boards', 'Watch a match');
    this.body.append(h('div.filters', null, this.mode), this.rows, this.note);
  }

  /** @param mode whose matches are shown first */
  open(modes: Mode[], mode: string): void {
    this.modes = modes;
    this.mode.replaceChildren(h('option', { value: '' }, 'All modes'), ...modes.map((m) => h('option', { value: m.name, selected: m.name === mode }, m.title || m.name)));
    this.rows.replaceChildren();
    setText(this.note, 'Asking for matches…');
    this.show();
    void this.load();
  }

  private async load(): Promise<void> {
    const ask = ++this.asked, mode = this.mode.value;
    clearTimeout(this.timer);
    try {
      const { matches } = await (await this.session()).matches({ watchable: 'true', limit: String(MOST), ...mode && { mode } });
      if (ask !== this.asked || !this.isOpen) return;
      redraw(this.rows, ...matches.map((m) => this.row(m)));
      setText(this.note, matches.length > 0 ? '' : mode ? 'No match of this mode is on just now.' : 'No match is on just now.');
    } catch (e) {
      if (ask === this.asked) setText(this.note, problem(e));
    }
    if (ask === this.asked && this.isOpen) this.timer = setTimeout(() => void this.load(), EVERY_MS);
  }

  private row(m: LiveMatch): HTMLElement {
    const title = this.modes.find((x) => x.name === m.mode)?.title || m.mode, who = names(m);
    return h('li', null, h('span.who', null, h('strong', null, who), h('small', null, `${title}  ·  ${clock(m.age_seconds)}  ·  ${late(m)}`)),
      h('button.quiet', { type: 'button', ariaLabel: `Watch ${who}`, onclick: () => this.watch(m) }, 'Watch'));
  }

  protected override closed(): void {
    clearTimeout(this.timer);
  }
}

/** Who plays, without bots. */
export function names({ players }: Pick<LiveMatch, 'players'>): string {
  const all = players.map((p) => p.name), rest = all.length - NAMES;
  return all.length === 0 ? 'Bots' : rest > 0 ? `${all.slice(0, NAMES).join(', ')} and ${rest} more` : all.join(', ');
}

function late({ watch }: LiveMatch): string {
  const s = Math.round(watch?.delay_seconds ?? 0);
  return s > 0 ? `${s} s behind` : 'live';
}
