import { LOGGED_OUT, type Reason } from '@muster/client';
import { h, setText, show } from './dom.ts';

/** What the reasons that end a connection mean to a player. */
const TEXTS: Record<number, string> = {
  1001: 'The server is going away.',
  1006: 'The connection was lost.',
  1011: 'The server had an error.',
  4001: 'You connected from somewhere else, so this page was let go.',
  4002: 'You were removed from the server.',
  4005: 'Your session ran out.',
  4006: 'You are logged out.',
  4007: 'Your account is deleted.',
  4008: 'This page sent too much and was cut off.',
  4009: 'You are banned.',
  4010: 'Your connection was too slow to keep up.',
  4011: 'The server heard nothing from you for a while.',
  4012: 'The server is restarting.',
  4013: 'Your connection was too slow to keep up.',
  4014: 'The match failed; that was not you.',
  4015: 'The server is full.',
  4016: 'There is a newer version of this page.',
};

export const explain = (r: Reason) => TEXTS[r.code] ?? `The connection ended: ${r.text}.`;

const DELETED = 4007;

/** Whether nobody is logged in after it. */
export const ends = (r: Reason) => r.code === LOGGED_OUT || r.code === DELETED;

/** What to do about a reason that nothing but loading the page anew mends. */
export const outdated = (r: Reason) => r.code === 4016;

const LOST = 1006, GOING_AWAY = 1001, RESTARTING = 4012;

/** Of two reasons in a row the one that tells more: that nobody answers says less than why. */
export const telling = (before: Reason | undefined, now: Reason) => before && now.code === LOST ? before : now;

/** Why a seat could not be taken up again, said so that a player knows what happened. */
export function gone(refused: { code: string; text: string }, lost: Reason | undefined, forgotten: boolean): string {
  if (refused.code !== 'match_not_found' && refused.code !== 'seat_not_yours') return refused.text;
  if (forgotten || lost?.code === RESTARTING || lost?.code === GOING_AWAY) {
    return 'The server was restarted, so that match is gone. Play again.';
  }
  return 'That match is gone: it ended meanwhile, or the server was restarted. Play again.';
}

/** Something to do about what a banner says. A key is only shown: whoever has the keys presses it. */
export interface Action { name: string; key?: string; run: () => void }

/** A line at the top for what goes on beside the game, with what can be done about it. */
export class Banner {
  readonly root: HTMLElement;
  private readonly text = h('span');
  private readonly buttons = h('span.row');
  private timer?: ReturnType<typeof setTimeout>;

  constructor() {
    this.root = h('div.banner', { hidden: true, role: 'status' }, this.text, this.buttons);
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  /** @param seconds after which it goes by itself; 0 stays until it is hidden */
  say(text: string, seconds = 0, ...actions: Action[]): void {
    setText(this.text, text);
    this.buttons.replaceChildren(...actions.map((a) => h('button.quiet', {
      type: 'button', onclick: () => { this.hide(); a.run(); },
    }, a.name, a.key !== undefined && h('kbd', null, a.key))));
    show(this.buttons, actions.length > 0);
    show(this.root, true);
    clearTimeout(this.timer);
    if (seconds > 0) this.timer = setTimeout(() => this.hide(), seconds * 1000);
  }

  hide(): void {
    clearTimeout(this.timer);
    show(this.root, false);
  }
}
