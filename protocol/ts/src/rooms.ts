// Rooms that players make, as the server's news of them add up.

import type { RoomHead, RoomListNews, RoomPlace, RoomRow, RoomState } from './control.ts';

/** What a member does in a room; from mode on it is for the host. */
export const RoomVerb = {
  ready: 1, sit: 2, swap: 3, mode: 10, options: 11, size: 12, privacy: 13, password: 14, title: 15, bot: 16, place: 17,
  kick: 18, ban: 19, host: 20, start: 21, unban: 22,
} as const;
export const RoomPrivacy = { public: 0, unlisted: 1, friends: 2 } as const;
export const RoomPhase = { gathers: 0, counts: 1, starts: 2, plays: 3 } as const;
export const RoomKind = { closed: 0, open: 1, bot: 2, player: 3 } as const;

/** A room. It is in none while the code is "". */
export class MadeRoom {
  code = '';
  revision = 0;
  head?: RoomHead;
  /** By index. */
  seats: RoomPlace[] = [];

  /** Takes in news; false where they are not about what is held, which stays as it was. */
  take(m: RoomState): boolean {
    if (m.base !== 0 && (m.code !== this.code || m.base !== this.revision)) return false;
    if (m.base === 0) this.seats = [];
    this.code = m.code;
    this.revision = m.revision;
    if (m.head) this.head = m.head;
    for (const s of m.seats) {
      for (let i = this.seats.length; i < s.index; i++) this.seats.push(closed(i));
      this.seats[s.index] = s;
    }
    return true;
  }

  /** We are out of it. */
  left(): void {
    this.code = '';
    this.revision = 0;
    this.head = undefined;
    this.seats = [];
  }
}

const closed = (index: number): RoomPlace =>
  ({ index, kind: RoomKind.closed, player: '', name: '', here: false, ready: false, playing: false, swap: '' });

/** The list of rooms of one watch, in the order in which they came. */
export class RoomList {
  rows: RoomRow[] = [];
  /** Others match, too. */
  more = false;

  constructor(readonly stamp: number) {}

  /** Takes in news; false where they are of another watch. */
  take(m: RoomListNews): boolean {
    if (m.stamp !== this.stamp) return false;
    const changed = new Map(m.rows.map((r) => [r.code, r])), gone = new Set(m.gone);
    const kept = m.whole ? [] : this.rows.filter((r) => !gone.has(r.code)).map((r) => changed.get(r.code) ?? r);
    const known = new Set(kept.map((r) => r.code));
    this.rows = [...kept, ...m.rows.filter((r) => !known.has(r.code))];
    this.more = m.more;
    return true;
  }
}
