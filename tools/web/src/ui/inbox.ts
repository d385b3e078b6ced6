import type { MailNotice } from '@muster/client';
import { read, write } from '../kept.ts';
import { Dialog } from './dialog.ts';
import { h } from './dom.ts';
import { counts, ratedOf } from './rated.ts';
import { ago, ordinal, signed } from './words.ts';

const KEPT = 40;

/** Notices, newest first. The server forgets what it has delivered, so they are kept here, by player. */
export class Inbox extends Dialog {
  private notices: MailNotice[] = [];
  private player = '';
  private unread = 0;

  /**
   * @param counted hears how many are unread
   * @param modeTitle names a mode to people
   */
  constructor(private readonly counted: (unread: number) => void, private readonly modeTitle: (mode: string) => string) {
    super('inbox', 'Inbox');
  }

  /** Whose it is from now on. */
  of(player: string): void {
    if (player === this.player) return;
    this.player = player;
    this.notices = player ? stored(read(`muster.mail.${player}`)) : [];
    this.unread = 0;
    this.counted(0);
  }

  /** Results are known to who has played: they are not worth a number at the door. */
  add(n: MailNotice): void {
    this.notices = [n, ...this.notices].slice(0, KEPT);
    write(`muster.mail.${this.player}`, JSON.stringify(this.notices));
    if (this.isOpen) this.draw();
    else if (n.kind !== 'result') this.counted(++this.unread);
  }

  open(): void {
    this.draw();
    this.show();
    this.unread = 0;
    this.counted(0);
  }

  private draw(): void {
    const now = Date.now() / 1000;
    this.body.replaceChildren(this.notices.length === 0 ? h('p.lead', null, 'Nothing yet. Invitations, results and words of moderators come here.')
      : h('ol.notices', null, ...this.notices.map((n) => h(n.kind === 'moderator' ? 'li.moderator' : 'li', null, h('p', null, this.text(n)), h('small', null, ago(now - n.at))))));
  }

  private text(n: MailNotice): string {
    const r = n.kind === 'result' ? ratedOf(n.data) : undefined;
    if (n.kind === 'lost') return 'Some older notices were dropped unread.';
    if (!r) return n.text || n.kind;
    const came = r.place > 0 ? `${ordinal(r.place)} place` : 'not finished', rating = counts(r) ? `, rating ${r.after} (${signed(r.after - r.before)})` : '';
    return `${this.modeTitle(r.mode)}: ${came}${rating}`;
  }
}

function stored(text: string): MailNotice[] {
  try {
    const list: unknown = JSON.parse(text || '[]');
    return Array.isArray(list) ? list.filter((n): n is MailNotice => typeof n?.text === 'string' && typeof n.at === 'number') : [];
  } catch {
    return [];
  }
}
