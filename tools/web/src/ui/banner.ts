import type { Reason } from '@muster/client';
import { h, setText, show } from './dom.ts';

/** What the reasons that end a connection mean to a player. */
const TEXTS: Record<number, string> = {
  1001: 'The server is going away.',
  1006: 'The connection was lost.',
  1011: 'The server had an error.',
  4001: 'You connected from somewhere else, so this page was let go.',
  4002: 'You were removed from the server.',
  4005: 'Your session ran out.',
  4008: 'This page sent too much and was cut off.',
  4010: 'Your connection was too slow to keep up.',
  4011: 'The server heard nothing from you for a while.',
  4012: 'The server is restarting.',
  4013: 'Your connection was too slow to keep up.',
  4014: 'The match failed; that was not you.',
  4015: 'The server is full.',
};

export const explain = (r: Reason) => TEXTS[r.code] ?? `The connection ended: ${r.text}.`;

/** A line at the top for what goes wrong, with what happens next. */
export class Banner {
  readonly root: HTMLElement;
  private readonly text = h('span');
  private readonly button = h<HTMLButtonElement>('button.quiet', { type: 'button', hidden: true });

  constructor() {
    this.root = h('div.banner', { hidden: true, role: 'status' }, this.text, this.button);
  }

  say(text: string, action?: { name: string; run: () => void }): void {
    setText(this.text, text);
    show(this.button, action !== undefined);
    if (action) {
      setText(this.button, action.name);
      this.button.onclick = () => { this.hide(); action.run(); };
    }
    show(this.root, true);
  }

  hide(): void {
    show(this.root, false);
  }
}
