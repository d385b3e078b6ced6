import type { Chat } from '@muster/client';
import { h } from './dom.ts';

/** Why something said was not passed on. */
const REFUSED: Record<string, string> = {
  too_fast: 'Not so fast: that was not sent.', flooding: 'That was too much: wait a minute.', text_long: 'That was too long.', text_empty: 'There was nothing to send.',
  muted: 'You are muted by a moderator.', no_party: 'You are in no party.', no_room: 'You are in no room.', player_unknown: 'They are not here any more.',
};
const KEPT = 100;

/** What is said among some, and a line to say something. */
export class ChatBox {
  readonly root: HTMLElement;
  private readonly lines = h('ol.lines', { role: 'log', ariaLive: 'polite' });

  /**
   * @param say sends; who hears it is the owner's business
   * @param about hears which line of another one points at
   */
  constructor(private readonly me: () => string, say: (text: string) => void, private readonly about: (c: Chat) => void, hint = 'Say something') {
    const input = h<HTMLInputElement>('input', { maxLength: 200, placeholder: hint, ariaLabel: hint, autocomplete: 'off', enterKeyHint: 'send' });
    const form = h('form.say', null, input, h('button.quiet', { type: 'submit' }, 'Send'));
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const text = input.value.trim();
      if (text !== '') say(text);
      input.value = '';
    });
    this.root = h('div.chat', null, this.lines, form);
  }

  add(c: Chat): void {
    if (c.refused !== '') this.line(h('li.note', null, REFUSED[c.refused] ?? `That was not sent: ${c.refused.replaceAll('_', ' ')}.`));
    else if (c.from === this.me()) this.line(h('li.mine', null, h('strong', null, c.name), h('span', null, c.text)));
    else this.line(h('li', null, h('button.name', { type: 'button', title: `About ${c.name} and this line`, onclick: () => this.about(c) }, c.name), h('span', null, c.text)));
  }

  clear(): void {
    this.lines.replaceChildren();
  }

  private line(li: HTMLElement): void {
    this.lines.append(li);
    while (this.lines.childElementCount > KEPT) this.lines.firstElementChild!.remove();
    this.lines.scrollTop = this.lines.scrollHeight;
  }
}
