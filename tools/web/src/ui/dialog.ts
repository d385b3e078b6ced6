import { h, setText } from './dom.ts';

/** A window above the page: Escape, its cross and a click beside it close it, and the keyboard stays within. */
export class Dialog {
  readonly root: HTMLDialogElement;
  protected readonly body = h('div.body');
  private readonly heading = h('h2');

  /** @param kind a class of the style sheet */
  constructor(kind: string, title: string) {
    const cross = h('button.cross', { type: 'button', ariaLabel: 'Close', onclick: () => this.close() }, '✕');
    this.root = h<HTMLDialogElement>(`dialog.${kind}`, null, h('div.sheet', null, h('header', null, this.heading, cross), this.body));
    this.title = title;
    this.root.addEventListener('click', (e) => { if (e.target === this.root) this.close(); });
    this.root.addEventListener('close', () => this.closed());
    this.root.addEventListener('keydown', (e) => { if (e.key === 'Escape') e.stopPropagation(); }); // it is not for the page
    document.body.append(this.root);
  }

  get title(): string {
    return this.root.ariaLabel ?? '';
  }

  set title(text: string) {
    setText(this.heading, text);
    this.root.ariaLabel = text;
  }

  get isOpen(): boolean {
    return this.root.open;
  }

  protected show(): void {
    if (!this.root.open) this.root.showModal();
  }

  close(): void {
    this.root.close();
  }

  /** However it was closed. */
  protected closed(): void {}
}

/** Makes way for a match. */
export function closeDialogs(): void {
  for (const d of document.querySelectorAll<HTMLDialogElement>('dialog[open]')) d.close();
}
