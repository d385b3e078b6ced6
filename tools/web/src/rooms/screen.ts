import { type Client, type MadeRoom, type Mode, RoomKind, RoomPhase, type RoomPlace, RoomVerb } from '@muster/client';
import { avatar } from '../ui/avatar.ts';
import { ChatBox } from '../ui/chat.ts';
import type { About } from '../ui/person.ts';
import { h, redraw, setText, show } from '../ui/dom.ts';
import type { Desk } from './desk.ts';
import { chosen, linkTo, refusal } from './words.ts';

/** What the screen asks for beyond the room. */
export interface Host {
  desk: Desk;
  leave(): void;
  change(): void;
  about(who: About): void;
  /** A second of the countdown has gone. */
  ticked(): void;
}

/** A room of players: who sits where, who is ready, what will be played, and what is said. */
export class MadeRoomScreen {
  readonly root: HTMLElement;
  readonly chat: ChatBox;
  private readonly title = h('h2');
  private readonly about = h('p.tagline');
  private readonly code = h<HTMLButtonElement>('button.quiet.code', { type: 'button', title: 'Copy the link to this room', onclick: () => void this.copy() });
  private readonly teams = h('div.teams');
  private readonly status = h('p.status', { role: 'status' });
  private readonly main = h<HTMLButtonElement>('button.primary', { type: 'button', onclick: () => this.press() });
  private readonly settings: HTMLButtonElement;
  private room?: MadeRoom;
  private mode?: Mode;
  private me = '';
  private second = -1;
  private unfolded = -1;
  private drawn = '';

  constructor(private readonly host: Host, client: () => Client | undefined) {
    this.chat = new ChatBox(() => this.me, (text) => client()?.sayToRoom(text),
      (line) => host.about({ player: line.from, name: line.name, line }));
    this.settings = h<HTMLButtonElement>('button.quiet', { type: 'button', onclick: () => host.change() }, 'Change');
    const leave = h('button.quiet', { type: 'button', onclick: () => host.leave() }, 'Leave');
    this.root = h('div.screen.made', { hidden: true }, h('div.panel', null,
      h('header', null, h('div', null, this.title, this.about), this.code), h('div.split', null, this.teams, this.chat.root),
      this.status, h('div.row', null, this.main, this.settings, leave)));
  }

  update(room: MadeRoom, mode: Mode | undefined, me: string): void {
    const head = room.head!;
    this.room = room;
    this.mode = mode;
    this.me = me;
    setText(this.title, head.title);
    setText(this.about, [mode?.title || head.mode, ...chosen(mode, head.options), `${head.size} seats`, ...head.locked ? ['password'] : []].join(' · '));
    setText(this.code, room.code);
    show(this.settings, this.hosts);
    this.count(head.phase === RoomPhase.counts ? Math.ceil(head.starts / 10) : -1);
    setText(this.main, this.action);
    this.main.disabled = head.phase === RoomPhase.starts || head.phase === RoomPhase.plays;
    this.main.classList.toggle('on', !this.hosts && this.ready);
    this.drawTeams();
  }

  private get own(): RoomPlace | undefined {
    return this.room?.seats.find((s) => s.player === this.me);
  }

  private get ready(): boolean {
    return this.own?.ready ?? false;
  }

  private get hosts(): boolean {
    return this.room?.head?.host === this.me;
  }

  private get action(): string {
    const phase = this.room!.head!.phase;
    if (phase === RoomPhase.plays) return 'A match runs';
    if (phase === RoomPhase.starts) return 'Starting…';
    if (phase === RoomPhase.counts) return this.hosts ? 'Stop' : 'Not ready';
    return this.hosts ? 'Start' : this.ready ? 'Ready ✓' : 'Ready';
  }

  /** Once ready or counting, pressing it again takes that back. */
  private press(): void {
    const counts = this.room!.head!.phase === RoomPhase.counts;
    if (this.hosts) this.ask(RoomVerb.start, { number: counts ? 0 : 1 });
    else this.ask(RoomVerb.ready, { number: this.ready ? 0 : 1 });
  }

  private ask(verb: number, of: { player?: string; number?: number } = {}): void {
    this.unfolded = -1;
    void this.host.desk.do(verb, of).then((refused) => { if (refused !== '') this.say(refusal(refused), true); }, () => {});
  }

  say(text: string, bad = false): void {
    setText(this.status, text);
    this.status.classList.toggle('bad', bad);
  }

  private count(second: number): void {
    if (second >= 0) this.say(`The match begins in ${second}`);
    else if (this.second >= 0) this.say('');
    else if (!this.status.classList.contains('bad')) this.say(this.waitsFor());
    if (second !== this.second && second > 0) this.host.ticked();
    this.second = second;
    this.root.classList.toggle('counting', second >= 0);
  }

  /** Whom the host waits for. */
  private waitsFor(): string {
    const seats = this.room!.seats, waiting = seats.filter((s) => s.kind === RoomKind.player && !s.ready && s.player !== this.room!.head!.host);
    if (this.room!.head!.phase !== RoomPhase.gathers) return '';
    if (waiting.length > 0) return `Waiting for ${waiting.length === 1 ? waiting[0].name : `${waiting.length} players`} to be ready`;
    return this.hosts ? 'Share the code, or start.' : 'The host starts the match.';
  }

  private drawTeams(): void {
    const room = this.room!, mode = this.mode, head = room.head!, now = JSON.stringify([room.seats, head.host, head.phase, head.mode, head.banned, this.unfolded]);
    if (now === this.drawn) return; // the countdown ticks
    this.drawn = now;
    const teams = Math.max(1, mode?.teams ?? 1), each = Math.max(1, Math.floor((mode?.seats ?? room.seats.length) / teams));
    redraw(this.teams, ...Array.from({ length: teams }, (_, t) => {
      const seats = room.seats.filter((s) => s.kind !== RoomKind.closed && Math.min(teams - 1, Math.floor(s.index / each)) === t);
      return h('section', null, teams > 1 && h('h3', null, `Team ${t + 1}`), h('ul.people', null, ...seats.map((s) => this.seat(s, head.host))));
    }), ...this.hosts && head.banned.length > 0 ? [this.banned(head.banned)] : []);
  }

  /** Whom the host can let in again. */
  private banned(all: { player: string; name: string }[]): HTMLElement {
    return h('section', null, h('h3', null, 'Banned'), h('ul.people', null, ...all.map((b) => h('li', null, avatar(b.player, b.name), h('span.who', null, b.name),
      this.act('Lift', `Lift the ban of ${b.name}`, RoomVerb.unban, { player: b.player })))));
  }

  private act(text: string, label: string, verb: number, of: { player?: string; number?: number } = {}): HTMLElement {
    return h('button.quiet', { type: 'button', ariaLabel: label, onclick: () => this.ask(verb, of) }, text);
  }

  private seat(s: RoomPlace, host: string): HTMLElement {
    if (s.kind === RoomKind.open) {
      return h('li.empty', null, h('span.who', null, 'Open seat'), this.act('Sit', `Sit on seat ${s.index + 1}`, RoomVerb.sit, { number: s.index }),
        this.hosts && this.act('+ Bot', `Add a bot to seat ${s.index + 1}`, RoomVerb.bot, { number: s.index }));
    }
    if (s.kind === RoomKind.bot) {
      return h('li', null, avatar('bot', s.name || 'Bot'), h('span.who', null, h('strong', null, s.name || 'Bot'), h('small', null, 'bot')),
        this.hosts && this.act('Remove', `Remove the bot of seat ${s.index + 1}`, RoomVerb.bot, { number: s.index }));
    }
    return this.person(s, host);
  }

  private person(s: RoomPlace, host: string): HTMLElement {
    const mine = s.player === this.me, what = s.playing ? 'in the match' : !s.here ? 'away' : s.player === host ? 'host' : s.ready ? 'ready' : 'not ready';
    const wants = s.swap === this.me && !mine, asked = this.own?.swap === s.player;
    const row = h(s.ready || s.player === host && s.here ? 'li.online' : 'li', null, avatar(s.player, s.name),
      h('span.who', null, h('strong', null, mine ? `${s.name} (you)` : s.name), h('small', null, what)),
      !mine && (wants ? this.act('Swap seats', `Swap seats with ${s.name}`, RoomVerb.swap, { player: s.player }) : asked
        ? this.act('Asked', `Do not swap with ${s.name}`, RoomVerb.swap) : this.more(s)));
    if (this.unfolded === s.index && !mine) {
      row.append(h('div.more', null, h('button.quiet', { type: 'button', onclick: () => this.host.about({ player: s.player, name: s.name }) }, 'Whisper, mute…'),
        this.act('Swap', `Ask ${s.name} to swap seats`, RoomVerb.swap, { player: s.player }),
        this.hosts && this.act('Make host', `Make ${s.name} the host`, RoomVerb.host, { player: s.player }),
        this.hosts && this.act('Kick', `Kick ${s.name}`, RoomVerb.kick, { player: s.player }), this.hosts && this.act('Ban', `Ban ${s.name}`, RoomVerb.ban, { player: s.player })));
    }
    return row;
  }

  private more(s: RoomPlace): HTMLElement {
    return h('button.quiet', { type: 'button', ariaLabel: `More about ${s.name}`, ariaExpanded: String(this.unfolded === s.index), onclick: () => {
      this.unfolded = this.unfolded === s.index ? -1 : s.index;
      this.drawTeams();
    } }, '…');
  }

  private async copy(): Promise<void> {
    const url = linkTo(this.room!.code);
    await navigator.clipboard.writeText(url).then(() => this.say('The link is copied. Whoever opens it joins.'), () => this.say(url));
  }
}
