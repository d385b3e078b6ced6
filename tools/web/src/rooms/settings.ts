import { type MadeRoom, type Mode, type ModeOption, RoomPrivacy, type RoomWish } from '@muster/client';
import { Dialog } from '../ui/dialog.ts';
import { h } from '../ui/dom.ts';
import { Form, field } from '../ui/form.ts';
import type { Desk } from './desk.ts';
import { PRIVACY, refusal } from './words.ts';

const option = (value: string | number, text: string, selected: boolean) => h('option', { value: String(value), selected }, text);

/** What a room is to be: to make one, or for its host to change it. */
export class Settings extends Dialog {
  private readonly name = h<HTMLInputElement>('input', { maxLength: 48, placeholder: 'Of your name', autocomplete: 'off' });
  private readonly mode = h<HTMLSelectElement>('select', { onchange: () => this.choose(this.picked, [], 0) });
  private readonly size = h<HTMLSelectElement>('select');
  private readonly privacy = h<HTMLSelectElement>('select');
  private readonly password = h<HTMLInputElement>('input', { type: 'text', maxLength: 32, autocomplete: 'off', spellcheck: false });
  private readonly options = h('div.options');
  private readonly unlock = h<HTMLInputElement>('input', { type: 'checkbox' });
  private modes: Mode[] = [];

  constructor(private readonly desk: Desk) {
    super('settings', 'Create a room');
  }

  create(modes: Mode[], mode: string): void {
    this.title = 'Create a room';
    this.fill(modes, { title: '', mode, size: 0, privacy: RoomPrivacy.public, options: [], password: '' });
    this.lay('Create room', async (wish) => this.desk.create(wish), 'Without one anybody may join');
  }

  change(modes: Mode[], room: MadeRoom): void {
    const head = room.head!;
    this.title = 'Change the room';
    this.fill(modes, { ...head, password: '' });
    this.unlock.checked = false;
    this.lay('Change', (wish) => this.desk.change(wish, head, this.unlock.checked ? '' : wish.password || undefined),
      head.locked ? 'Left empty, it stays as it is' : 'Without one anybody may join', head.locked);
  }

  private fill(modes: Mode[], was: RoomWish): void {
    this.modes = modes;
    this.name.value = was.title;
    this.mode.replaceChildren(...modes.map((m) => option(m.name, m.title || m.name, m.name === was.mode)));
    this.privacy.replaceChildren(...PRIVACY.map(([value, text]) => option(value, text, value === was.privacy)));
    this.password.value = '';
    this.choose(this.picked, was.options, was.size);
  }

  private get picked(): Mode | undefined {
    return this.modes.find((m) => m.name === this.mode.value);
  }

  /** Shows what there is to choose of a mode. */
  private choose(mode: Mode | undefined, values: number[], size: number): void {
    const seats = mode?.seats ?? 1, all = Array.from({ length: seats }, (_, i) => i + 1).filter((n) => seats <= 32 || n % 4 === 0 || n === seats || n === size);
    this.size.replaceChildren(...all.map((n) => option(n, String(n), n === (size || seats))));
    this.options.replaceChildren(...(mode?.options ?? []).map((o, i) => field(o.title || o.name, control(o, values[i] ?? o.default))));
  }

  private get wish(): RoomWish {
    const options = [...this.options.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')].map((c) => Number(c.value));
    return { title: this.name.value.trim(), mode: this.mode.value, size: Number(this.size.value), privacy: Number(this.privacy.value), password: this.password.value, options };
  }

  private lay(action: string, run: (wish: RoomWish) => Promise<string>, hint: string, locked = false): void {
    const form = new Form(action, [field('Title', this.name), h('div.pick', null, field('Mode', this.mode), field('Seats', this.size)), this.options,
      field('Who may join', this.privacy), field('Password', this.password, hint), locked && h('label.check', null, this.unlock, 'No password any more')], async () => {
      const refused = await run(this.wish);
      if (refused === '') this.close();
      else form.say(refusal(refused), true);
    });
    this.body.replaceChildren(form.root);
    this.show();
  }
}

function control(o: ModeOption, value: number): HTMLElement {
  if (o.values.length === 0) return h('input', { type: 'number', min: String(o.min), max: String(o.max), value: String(value), required: true });
  return h('select', null, ...o.values.map((text, i) => option(o.min + i, text, o.min + i === value)));
}
