import { h, setText } from './dom.ts';
import { problem } from './problems.ts';

/** A named field of a form. */
export function field(label: string, input: HTMLElement, hint = ''): HTMLElement {
  return h('label.field', null, h('span', null, label), input, hint !== '' && h('small', null, hint));
}

/** A form that does one thing, and says why where that fails. While it is done, it cannot be done again. */
export class Form {
  readonly root: HTMLFormElement;
  private readonly status = h('p.status', { role: 'status' });
  private readonly button: HTMLButtonElement;

  constructor(action: string, fields: (Node | false)[], run: () => Promise<void>) {
    this.button = h<HTMLButtonElement>('button.primary', { type: 'submit' }, action);
    this.root = h<HTMLFormElement>('form', null, ...fields, this.button, this.status);
    this.root.addEventListener('submit', (e) => {
      e.preventDefault();
      if (!this.button.disabled) void this.submit(run);
    });
  }

  private async submit(run: () => Promise<void>): Promise<void> {
    this.say('');
    this.button.disabled = true;
    await run().catch((e: unknown) => this.say(problem(e), true));
    this.button.disabled = false;
  }

  say(text: string, bad = false): void {
    setText(this.status, text);
    this.status.classList.toggle('bad', bad);
  }
}
