import type { Offered, Room, State, Wait } from '@muster/client';
import { h, setText, show } from './dom.ts';
import { OfferBox } from './offer.ts';
import { waitWords } from './waits.ts';
import { clock } from './words.ts';

/** Where a search stands. */
export interface Search {
  state: State;
  /** The mode's title. */
  title: string;
  /** Seats of the mode, 0 where that is not known. */
  seats: number;
  room?: Room;
  /** Who the party's leader is, where that is somebody else. */
  leader?: string;
  /** It is no search: the match of before the page was loaded anew. */
  returning: boolean;
}

/** Waiting for a match: first for others, then in the room where a group gathers. */
export class RoomScreen {
  readonly root: HTMLElement;
  private readonly title = h('h2');
  private readonly count = h('div.count');
  private readonly seats = h('ul.seats');
  private readonly rest = h('p.rest');
  private readonly note = h('p.status', { ariaLive: 'polite' });
  private readonly waited = h('p.waited');
  private readonly why = h('div.why', { ariaLive: 'off' });
  private readonly offer: OfferBox;
  private readonly cancel: HTMLButtonElement;
  private second = -1;
  private since = 0;

  /** @param answer says yes or no to an offer */
  constructor(cancel: () => void, answer: (yes: boolean) => void, private readonly ticked: (left: number) => void) {
    this.offer = new OfferBox(answer);
    this.cancel = h<HTMLButtonElement>('button.quiet', { type: 'button', onclick: cancel }, 'Cancel');
    this.root = h('div.screen.room', { hidden: true }, h('div.panel', null, this.title, this.count, this.seats, this.rest, this.note,
      this.offer.root, this.waited, this.why, this.cancel));
  }

  /** A search begins. */
  begin(now: number): void {
    this.since = now;
    this.count.replaceChildren();
    this.second = -1;
    this.why.replaceChildren();
    this.offer.hide();
  }

  /** Why it takes a while. Until something else is said nothing is offered. */
  waits(w: Wait): void {
    this.offer.hide();
    this.why.replaceChildren(...waitWords(w).map((line) => h('p', null, line)));
  }

  /** @returns whether it is a new one */
  offered(o: Offered, now: number): boolean {
    return this.offer.update(o, now);
  }

  update(s: Search): void {
    setText(this.title, s.returning ? 'Welcome back' : s.title);
    this.countDown(s.state === 'room' && s.room ? s.room.starts / 10 : -1);
    if (s.state !== 'queued') this.offer.hide();
    setText(this.note, this.offer.open ? 'A match was found' : noteOf(s));
    setText(this.cancel, s.leader === undefined ? 'Cancel' : 'Leave the party');
    show(this.cancel, !this.offer.open);
    show(this.why, s.state === 'queued' && !this.offer.open);
    const seats = s.room?.seats ?? [];
    const people = seats.filter((p) => p.player !== '');
    this.seats.replaceChildren(...people.map((p) =>
      h(p.here ? 'li.here' : 'li', { title: p.name }, h('i.dot'), h('span.who', null, p.name))));
    const rest = restOf(seats);
    setText(this.rest, rest);
    show(this.seats, people.length > 0);
    show(this.rest, rest !== '');
    show(this.waited, s.state === 'queued' && !this.offer.open);
    show(this.count, !this.offer.open);
  }

  /** Seconds, while there is a count, and something that turns while there is none. */
  private countDown(left: number): void {
    const second = left >= 0 ? Math.ceil(left) : -1;
    if (second >= 0) {
      setText(this.count, String(second));
      if (second !== this.second && second > 0 && second <= 3) this.ticked(second);
    } else if (this.second >= 0 || !this.count.firstElementChild) {
      this.count.replaceChildren(h('span.spinner'));
    }
    this.second = second;
  }

  /** Shows how long it has been. */
  tick(now: number): void {
    this.offer.tick(now);
    setText(this.waited, clock(Math.floor((now - this.since) / 1000)));
  }
}

/** Whether bots play here is not known before there is a room, so nothing is promised. */
function noteOf(s: Search): string {
  if (s.returning) return 'Taking you back to your match…';
  switch (s.state) {
    case 'joining': case 'playing': return 'Entering the arena…';
    case 'room': return 'The match is about to begin';
    case 'connecting': return 'Connecting…';
  }
  if (s.leader !== undefined) return `${s.leader} is looking for a match for your party…`;
  return s.seats === 2 ? 'Looking for an opponent…' : 'Looking for other players…';
}

/** The seats without a person, in a line. */
export function restOf(seats: Room['seats']): string {
  const empty = seats.filter((s) => s.player === ''), bots = empty.filter((s) => s.name !== '').length, open = empty.length - bots;
  const parts: string[] = [];
  if (bots > 0) parts.push(`${bots} ${bots === 1 ? 'bot' : 'bots'} will join`);
  if (open > 0) parts.push(`${open} open ${open === 1 ? 'seat' : 'seats'}`);
  return parts.join('  ·  ');
}
