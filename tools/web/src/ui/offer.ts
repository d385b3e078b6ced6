import type { Offered } from '@muster/client';
import { h, setText, show } from './dom.ts';

/** A match was found, and each of its players is asked. */
export class OfferBox {
  readonly root: HTMLElement;
  private readonly dots = h('div.dots');
  private readonly note = h('p.status', { role: 'status' });
  private readonly yes: HTMLButtonElement;
  private readonly no: HTMLButtonElement;
  private readonly bar = h('div.left');
  private endsAt = 0;
  private whole = 1;

  /** @param answer called with yes or no */
  constructor(answer: (yes: boolean) => void) {
    this.yes = h<HTMLButtonElement>('button.primary', { type: 'button', onclick: () => answer(true) }, 'Accept');
    this.no = h<HTMLButtonElement>('button.quiet', { type: 'button', onclick: () => answer(false) }, 'Decline');
    this.root = h('div.offer', { hidden: true }, this.dots, this.bar, this.note, h('div.row', null, this.yes, this.no));
  }

  get open(): boolean {
    return !this.root.hidden;
  }

  /** @returns whether it is another offer than the one that was shown */
  update(o: Offered, now: number): boolean {
    const fresh = !this.open;
    if (fresh) this.whole = Math.max(1, o.left);
    this.endsAt = now + o.left;
    this.dots.replaceChildren(...Array.from({ length: o.players }, (_, i) => h(i < o.accepted ? 'i.dot.here' : 'i.dot')));
    setText(this.note, o.you ? `${o.accepted} of ${o.players} have accepted…` : o.players === 1 ? 'Are you ready?' : `${o.players} players. Are you ready?`);
    show(this.yes, !o.you);
    show(this.no, !o.you);
    show(this.root, true);
    if (fresh) this.yes.focus();
    return fresh;
  }

  hide(): void {
    show(this.root, false);
  }

  tick(now: number): void {
    if (this.open) this.bar.style.setProperty('--left', String(Math.max(0, (this.endsAt - now) / this.whole)));
  }
}
