import type { Room, State } from '@muster/client';
import { h, setText } from './dom.ts';

/** Waiting for a match: first for others, then in the room where a group gathers. */
export class RoomScreen {
  readonly root: HTMLElement;
  private readonly title = h('h2');
  private readonly count = h('div.count');
  private readonly seats = h('ul.seats');
  private readonly note = h('p.status', { ariaLive: 'polite' });
  private second = -1;

  constructor(cancel: () => void, private readonly ticked: (left: number) => void) {
    const button = h('button.quiet', { type: 'button', onclick: cancel }, 'Cancel');
    this.root = h('div.screen.room', { hidden: true }, h('div.panel', null, this.title, this.count, this.seats, this.note, button));
  }

  /** Says where the search stands. */
  update(state: State, mode: string, room?: Room): void {
    setText(this.title, mode);
    const left = room ? room.starts / 10 : -1;
    const second = Math.ceil(left);
    if (state === 'room' && left >= 0) {
      setText(this.count, String(second));
      if (second !== this.second && second > 0 && second <= 3) this.ticked(second);
    } else {
      if (this.second >= 0 || !this.count.firstElementChild) this.count.replaceChildren(h('span.spinner'));
    }
    this.second = state === 'room' && left >= 0 ? second : -1;
    setText(this.note, state === 'joining' ? 'Entering the arena…' : state === 'room' ? 'The match is about to begin'
      : state === 'connecting' ? 'Connecting…' : 'Looking for players; bots fill the other seats');
    this.seats.replaceChildren(...(room?.seats ?? []).map((s) =>
      h(s.player === '' ? 'li.bot' : s.here ? 'li.here' : 'li', null, h('i.dot'), s.name || 'Open seat')));
  }
}
