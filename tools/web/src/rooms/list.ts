import type { Client, Mode, RoomList, RoomRow } from '@muster/client';
import { Dialog } from '../ui/dialog.ts';
import { h, redraw, setText, show } from '../ui/dom.ts';
import { Form, field } from '../ui/form.ts';
import { problem } from '../ui/problems.ts';
import type { Desk } from './desk.ts';
import { chosen, refusal } from './words.ts';

/** The rooms there are, as they come and go, and the ways into one. */
export class RoomsDialog extends Dialog {
  private readonly mode = h<HTMLSelectElement>('select', { ariaLabel: 'Mode', onchange: () => this.watch() });
  private readonly search = h<HTMLInputElement>('input', { type: 'search', placeholder: 'Search', ariaLabel: 'Search', oninput: () => this.watchSoon() });
  private readonly open = h<HTMLInputElement>('input', { type: 'checkbox', onchange: () => this.watch() });
  private readonly free = h<HTMLInputElement>('input', { type: 'checkbox', onchange: () => this.watch() });
  private readonly rows = h('ul.people.rooms', { ariaLive: 'polite' });
  private readonly note = h('p.status', { role: 'status' });
  private readonly code = h<HTMLInputElement>('input', { required: true, maxLength: 12, autocomplete: 'off', autocapitalize: 'characters', spellcheck: false });
  private readonly password = h<HTMLInputElement>('input', { autocomplete: 'off', spellcheck: false });
  private readonly locked = field('Password', this.password);
  private readonly entry: Form;
  private modes: Mode[] = [];
  private client?: Client;
  private off?: () => void;
  private soon?: ReturnType<typeof setTimeout>;

  constructor(private readonly desk: Desk, create: () => void) {
    super('boards', 'Rooms');
    this.entry = new Form('Join', [field('Join by code', this.code), this.locked], () => this.enter());
    this.body.append(h('button.primary', { type: 'button', onclick: () => { this.close(); create(); } }, 'Create a room'),
      h('div.filters', null, this.mode, this.search, h('label.check', null, this.open, 'Open seats'), h('label.check', null, this.free, 'No password')),
      this.rows, this.note, h('section.adding', null, this.entry.root));
  }

  browse(modes: Mode[]): void {
    this.modes = modes;
    this.mode.replaceChildren(h('option', { value: '' }, 'All modes'), ...modes.map((m) => h('option', { value: m.name }, m.title || m.name)));
    this.ask('');
    this.rows.replaceChildren();
    setText(this.note, 'Asking for rooms…');
    this.show();
    void this.begin();
  }

  /** For a room that wants a password, or of which there is something to say. */
  ask(code: string, said = ''): void {
    this.code.value = code;
    this.password.value = '';
    show(this.locked, said !== '');
    this.entry.say(said, said !== '');
    if (code !== '') this.show();
  }

  private async begin(): Promise<void> {
    try {
      this.client = await this.desk.hall();
      this.off = this.client.on('rooms', (l) => this.draw(l));
      if (this.isOpen) this.watch();
      else this.closed();
    } catch (e) {
      setText(this.note, problem(e));
    }
  }

  private watch(): void {
    this.client?.watchRooms({ mode: this.mode.value, text: this.search.value.trim(), open: this.open.checked, free: this.free.checked });
  }

  /** While one types. */
  private watchSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.watch(), 250);
  }

  protected override closed(): void {
    clearTimeout(this.soon);
    this.off?.();
    if (this.client?.rooms) this.client.unwatchRooms();
    this.client = this.off = undefined;
  }

  private draw(l: RoomList): void {
    redraw(this.rows, ...l.rows.map((r) => this.row(r)));
    setText(this.note, l.rows.length === 0 ? 'No such rooms just now. Create one, and others find you here.' : l.more ? 'There are more; search for one.' : '');
  }

  private row(r: RoomRow): HTMLElement {
    const mode = this.modes.find((m) => m.name === r.mode), taken = r.players + r.bots;
    const about = [mode?.title || r.mode, ...chosen(mode, r.options), `host ${r.host}`, ...r.bots > 0 ? [`${r.bots} bots`] : []].join(' · ');
    return h('li', null, h('span.who', null, h('strong', null, r.title), h('small', null, about)),
      r.locked && h('span.tag', null, 'password'), r.playing && h('span.tag', null, 'playing'), h('span.record', { title: 'Seats taken' }, `${taken}/${r.size}`),
      h('button.quiet', { type: 'button', ariaLabel: `Join ${r.title}`, disabled: taken >= r.size && r.bots === 0, onclick: () => void this.join(r.code, '') }, 'Join'));
  }

  private enter(): Promise<void> {
    return this.join(this.code.value.trim(), this.password.value);
  }

  private async join(code: string, password: string): Promise<void> {
    const refused = await this.desk.join(code, password);
    if (refused === '') return this.close();
    if (refused === 'password_wrong') this.ask(code, password === '' ? 'This room wants a password.' : refusal(refused));
    else this.entry.say(refusal(refused), true);
  }
}
