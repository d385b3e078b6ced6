import type { Mode, Party, Session } from '@muster/client';
import { read, write } from '../kept.ts';
import { h, setText, show } from './dom.ts';
import { kindOf } from '../view.ts';
import { icon } from './icon.ts';

/** Where one goes from the menu. */
export interface Ways {
  play(mode: string): void;
  watch(): void;
  boards(): void;
  rooms(): void;
}

/** Name, mode, Play. */
export class Menu {
  readonly root: HTMLElement;
  private readonly name = h<HTMLInputElement>('input', {
    id: 'name', maxLength: 24, placeholder: 'Your name', autocomplete: 'nickname', spellcheck: false, enterKeyHint: 'go',
  });
  private readonly cards = h('div.modes', { role: 'radiogroup', ariaLabel: 'Mode' });
  private readonly button = h<HTMLButtonElement>('button.primary', { type: 'submit', disabled: true }, 'Play');
  private readonly watching: HTMLButtonElement;
  private readonly status = h('p.status', { ariaLive: 'polite' }, 'Calling the server…');
  private readonly tagline = h('p.tagline');
  private readonly keys = h('div');
  private readonly naming: HTMLElement;
  private readonly roomsButton: HTMLElement;
  private readonly company = h('p.company', { hidden: true, role: 'status' });
  /** Whether the player leads a party of more than one, which plays together. */
  leads = false;
  private follows = '';
  /** Whose name stands in the field. */
  private guest = '';
  private modes: Mode[] = [];
  private chosen = '';
  /** For a newcomer who does not say. */
  private readonly nameless = `Guest ${100 + Math.floor(Math.random() * 900)}`;

  constructor(to: Ways) {
    this.name.value = read('muster.name');
    this.roomsButton = h('button.quiet', { type: 'button', onclick: to.rooms }, icon('door'), 'Rooms');
    this.naming = h('div.naming', null, h('label', { htmlFor: 'name' }, 'Name'), this.name);
    this.watching = h<HTMLButtonElement>('button.quiet.watch', { type: 'button', disabled: true, title: 'Watch a match', onclick: to.watch }, icon('eye'), 'Watch');
    const form = h('form', null, this.naming, this.cards, h('div.go', null, this.button, this.watching),
      h('div.row.doors', null, this.roomsButton, h('button.quiet', { type: 'button', onclick: to.boards }, icon('cup'), 'Leaderboard')), this.company, this.status);
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      if (this.button.disabled) return;
      if (clean(this.name.value)) write('muster.name', clean(this.name.value));
      write('muster.mode', this.chosen);
      to.play(this.chosen);
    });
    this.root = h('div.screen.menu', null, h('div.panel', null, h('h1', null, 'Muster'), this.tagline, form, this.keys));
  }

  /** What a guest wants to be called. */
  get wanted(): string {
    return clean(this.name.value) || this.nameless;
  }

  /** An account's name is not changed in passing, and a guest's only by who types another. */
  player(session?: Session): void {
    show(this.naming, session?.guest !== false);
    if (session?.guest && session.player.id !== this.guest) this.name.value = session.player.name;
    this.guest = session?.player.id ?? '';
    if (!session) this.party({ leader: '', members: [] }, '');
  }

  /** A party plays together, when its leader says so. */
  party(p: Pick<Party, 'leader' | 'members'>, me: string): void {
    const others = p.members.filter((m) => m.player !== me), leader = p.members.find((m) => m.player === p.leader);
    this.leads = others.length > 0 && p.leader === me;
    this.follows = others.length > 0 && !this.leads ? leader?.name ?? '' : '';
    setText(this.company, this.follows !== '' ? `${this.follows} leads your party, and starts for all of you.`
      : `You play with ${others.map((m) => m.name).join(', ')}.`);
    show(this.company, others.length > 0);
    setText(this.button, this.leads ? `Play together (${p.members.length})` : 'Play');
    this.enable();
  }

  private enable(): void {
    this.button.disabled = this.modes.length === 0 || this.follows !== '';
    this.watching.disabled = this.modes.length === 0;
  }

  offer(modes: Mode[]): void {
    this.modes = modes;
    setText(this.tagline, tagline(modes));
    show(this.roomsButton, modes.some((m) => kindOf(m.name) === 'arena'));
    const chosen = this.chosen || read('muster.mode');
    this.choose(modes.some((m) => m.name === chosen) ? chosen! : modes[0]?.name ?? '');
    this.cards.replaceChildren(...modes.map((m) => this.card(m)));
    this.enable();
    if (modes.length === 0) this.say('This server offers no modes.');
  }

  private card(m: Mode): HTMLElement {
    const input = h<HTMLInputElement>('input', { type: 'radio', name: 'mode', value: m.name, checked: m.name === this.chosen });
    input.addEventListener('change', () => this.choose(m.name));
    const seats = m.seats === 2 ? '1 against 1' : m.teams > 1 ? Array<number>(m.teams).fill(m.team_size).join(' against ') : `Up to ${m.seats} players`;
    return h('label.mode', null, input, h('strong', null, m.title || m.name), h('span', null, m.about || (kindOf(m.name) ? '' : 'Opens on a page of its own.')),
      h('small', null, `${seats}  ·  ${m.hz} Hz`));
  }

  private choose(mode: string): void {
    this.chosen = mode;
    this.keys.replaceChildren(...KEYS[kindOf(mode) ?? 'other']);
  }

  get mode(): Mode | undefined {
    return this.modes.find((m) => m.name === this.chosen);
  }

  say(text: string, bad = false): void {
    setText(this.status, text);
    this.status.classList.toggle('bad', bad);
  }

  /** Takes back what was said, unless something else has been said since. */
  unsay(text: string): void {
    if (this.status.textContent === text) this.say('');
  }

  open(): void {
    show(this.root, true);
    if (matchMedia('(pointer: fine)').matches) (this.name.value === '' && !this.naming.hidden ? this.name : this.button).focus();
  }
}

/** What is played here, in a line. */
function tagline(modes: Mode[]): string {
  if (modes.length === 0) return '';
  const games = Object.entries(GAMES).filter(([kind]) => modes.some((m) => kindOf(m.name) === kind)).map(([, game]) => game);
  return games.length > 0 ? `In your browser, against people and bots: ${games.join(', and ')}.` : 'What this server plays.';
}

/** The kinds of games as the tagline names them. */
const GAMES = { arena: 'a fast arena', swarm: 'a swarm that is one world' };

// What the server refuses in a name is not worth an error.
const clean = (name: string) => [...name.replace(/\p{C}/gu, ' ').trim()].slice(0, 24).join('');

const keys = (...all: [name: string, what: string][]) => h('p.keys.hard', null, ...all.map(([name, what]) => h('span', null, h('kbd', null, name), what)));
const fingers = (what: string) => h('p.keys.soft', null, h('span', null, what));

/** How one plays, by the kind of game. */
const KEYS = {
  arena: [keys(['WASD', 'run'], ['Mouse', 'aim and fire'], ['Right button', 'rail'], ['Space', 'dash'], ['Q', 'mark for your team'], ['Tab', 'scores'], ['M', 'sound'], ['F3', 'connection'], ['Esc', 'leave']),
    fingers('Left thumb runs, right thumb aims and fires, buttons dash and rail.')],
  swarm: [keys(['Mouse or WASD', 'swim'], ['Space', 'split'], ['Shift', 'boost'], ['M', 'sound'], ['F3', 'connection'], ['Esc', 'leave']),
    fingers('A thumb anywhere swims, buttons split and boost.')],
  other: [],
};
