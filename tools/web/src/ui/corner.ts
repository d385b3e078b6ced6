import type { Session } from '@muster/client';
import { avatar } from './avatar.ts';
import { h } from './dom.ts';

/** In the upper right: who one is, and the doors to what concerns oneself. */
export class Corner {
  readonly root = h('nav.you', { ariaLabel: 'You' });
  private readonly chip: HTMLButtonElement;

  /** @param doors buttons beside the player's own */
  constructor(account: () => void, ...doors: HTMLElement[]) {
    this.chip = h<HTMLButtonElement>('button.chip', { type: 'button', onclick: account });
    this.root.append(...doors, this.chip);
    this.show();
  }

  /** @param session of whoever plays, undefined where nobody does yet */
  show(session?: Session): void {
    if (!session) {
      this.chip.replaceChildren(h('span.who', null, 'Log in'));
      return;
    }
    const { id, name } = session.player;
    this.chip.replaceChildren(avatar(id, name), h('span.who', null, name), session.guest ? h('span.tag', null, 'guest') : '');
    this.chip.title = session.guest ? 'You play as a guest. Create an account to keep your name and progress.' : 'Your account';
  }
}
