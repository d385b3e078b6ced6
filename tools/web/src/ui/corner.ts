import type { Session } from '@muster/client';
import { avatar } from './avatar.ts';
import { h, setText, show } from './dom.ts';
import { icon, type IconName } from './icon.ts';

/** A round button with a picture, and how much there is behind it. */
export class Door {
  readonly root: HTMLButtonElement;
  private readonly badge = h('span.badge', { hidden: true });

  constructor(picture: IconName, private readonly name: string, open: () => void) {
    this.root = h<HTMLButtonElement>('button.door', { type: 'button', title: name, onclick: open }, icon(picture), this.badge);
    this.count(0);
  }

  count(n: number): void {
    setText(this.badge, n > 9 ? '9+' : String(n));
    show(this.badge, n > 0);
    this.root.ariaLabel = n > 0 ? `${this.name}, ${n} new` : this.name;
  }
}

/** In the upper right: who one is, and the doors to what concerns oneself. */
export class Corner {
  readonly root = h('nav.you', { ariaLabel: 'You' });
  private readonly chip: HTMLButtonElement;

  constructor(account: () => void, private readonly doors: Door[]) {
    this.chip = h<HTMLButtonElement>('button.chip', { type: 'button', onclick: account });
    this.root.append(...doors.map((d) => d.root), this.chip);
    this.show();
  }

  /** @param session of whoever plays, undefined where nobody does yet */
  show(session?: Session): void {
    for (const d of this.doors) show(d.root, session !== undefined);
    if (!session) {
      this.chip.replaceChildren(h('span.who', null, 'Log in'));
      return;
    }
    const { id, name } = session.player;
    this.chip.replaceChildren(avatar(id, name), h('span.who', null, name), session.guest ? h('span.tag', null, 'guest') : '');
    this.chip.title = session.guest ? 'You play as a guest. Create an account to keep your name and progress.' : 'Your account';
  }
}
