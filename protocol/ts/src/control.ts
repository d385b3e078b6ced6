// Control messages: msgpack arrays whose first element, the type, is negative.

import { decode, encode } from '@msgpack/msgpack';
import { MalformedError, Reader } from './pack.ts';
import type { Reason } from './reason.ts';
import { Axis, type Column, type EventKind, type Field, type Schema, type Space, type Table } from './schema.ts';

export interface Welcome { type: 'welcome'; version: number; player: string; name: string }
/** A Join was not granted. */
export interface Refused { type: 'refused'; code: string; text: string }
export interface Goodbye extends Reason { type: 'goodbye' }
export interface Pong { type: 'pong'; stamp: number }
/** The room where a group gathers: whole if base is 0, else what changed since that revision. */
export interface RoomMessage {
  type: 'room'; room: string; base: number; revision: number; mode: string;
  /** Tenths of a second until the match is made, -1 while that is not counted. */
  starts: number;
  seats: RoomSeat[];
}
/** A player "" is a bot or nobody, as the name says. */
export interface RoomSeat { index: number; player: string; name: string; here: boolean }
/** Where to play. A url "" means on this connection. */
export interface Assignment { type: 'assignment'; url: string; match: string; pass: string; mode: string }
/** seat -1: we watch, and are shown a tick so many ticks after the players: delay. */
export interface Joined {
  type: 'joined'; match: string; epoch: number; seat: number; team: number; mode: string; hz: number; tick: number;
  schema: Schema; roster: RosterSeat[]; delay?: number;
}
/** So many people watch the match. */
export interface Watching { type: 'watching'; people: number }
export interface Roster { type: 'roster'; seats: RosterSeat[] }
export interface RosterSeat { seat: number; status: number; player: string; name: string }
export interface Over { type: 'over'; match: string; why: string; result: Placing[] }
export interface Placing { seat: number; rank: number; score: number }
/** Game time runs at this rate; 1000 is normal. */
export interface Pace { type: 'pace'; permille: number }
export interface Notice { type: 'notice'; code: string; text: string }
/** What became of our ticket where no assignment says so: it waits again, was cancelled or has failed. */
export interface TicketNews {
  type: 'ticket'; id: string; mode: string; state: string; reason: string;
  /** Where it waits. */
  wait?: Wait;
}
/** Why a ticket waits. Times are in ms. */
export interface Wait {
  waited: number;
  /** Points of rating to anybody else that it accepts by now, and ms to the region of the match; 0: any. */
  gap: number; ping: number;
  /** Players within that. */
  inRange: number;
  /** How much longer, by those who waited lately; 0: nobody knows. */
  estimate: number;
  /** alone, unsuited, no_region, held, or "" if nobody has looked yet. */
  why: string;
}
/** A match was found; left is how many ms there are to accept it. It comes again when more have. */
export interface Offer { type: 'offer'; ticket: string; mode: string; left: number; players: number; accepted: number; you: boolean }
/** Notices that are kept until a mailAck; PROTOCOL.md, section 5, says when to take them in. */
export interface Mail { type: 'mail'; after: number; notices: MailNotice[] }
export interface MailNotice { id: number; kind: string; at: number; text: string; data: string }
/** The player's own party, and who asks the player into others; always whole. Without one the id is empty. */
export interface Party {
  type: 'party'; revision: number; id: string; leader: string; most: number;
  /** What it is queued for and with, empty while it is not. */
  mode: string; ticket: string;
  members: PartyMember[]; invited: PartyInvited[]; invitations: Invitation[];
}
export interface PartyMember { player: string; name: string; here: boolean }
/** expires in Unix seconds. */
export interface PartyInvited { player: string; name: string; expires: number }
export interface Invitation { party: string; by: string; name: string; members: number; expires: number }
/** The player's friends and requests, whole or what has changed. */
export interface Presence { type: 'presence'; whole: boolean; people: Person[] }
export interface Person { player: string; name: string; tie: number; state: number; joinable: boolean; where: string }
/** What somebody has said, or with refused why what was said under the stamp is not passed on. at in Unix ms. */
export interface Chat {
  type: 'chat'; channel: number; id: number; stamp: number; from: string; name: string; to: string; at: number; text: string; refused: string;
}
/** One of tomorrow, to be ignored. */
export interface Unknown { type: 'unknown' }

/** The room that players have made and we are in: whole if base is 0, else what changed since. */
export interface RoomState {
  type: 'roomstate'; code: string; base: number; revision: number;
  /** null: as it was. */
  head: RoomHead | null;
  seats: RoomPlace[];
}
/** starts: tenths of a second until the match is made, -1 while that is not counted. */
export interface RoomHead {
  title: string; mode: string; options: number[]; size: number; privacy: number; locked: boolean; host: string; phase: number; starts: number;
  /** Who may not come in. */
  banned: { player: string; name: string }[];
}
/** swap is the player with whom this one would change seats. */
export interface RoomPlace {
  index: number; kind: number; player: string; name: string; here: boolean; ready: boolean; playing: boolean; swap: string;
}
/** Answers what we asked of rooms; refused "" is done. */
export interface RoomReply { type: 'roomreply'; stamp: number; refused: string; code: string }
export interface RoomLeft { type: 'roomleft'; code: string; why: string }
/** Rooms of the list that came or changed, and codes of those that are gone; whole: forget the others. */
export interface RoomListNews { type: 'roomlist'; stamp: number; whole: boolean; more: boolean; rows: RoomRow[]; gone: string[] }
export interface RoomRow {
  code: string; title: string; mode: string; options: number[]; host: string; players: number; bots: number; size: number;
  locked: boolean; playing: boolean;
}

export type ServerMessage = RoomState | RoomReply | RoomLeft | RoomListNews | Welcome | Refused | Goodbye | Pong | RoomMessage | Assignment | Joined | Watching | Roster | Over | Pace
  | Notice | TicketNews | Offer | Mail | Party | Presence | Chat | Unknown;

/** What a roster's status says. */
export const SeatStatus = { empty: 0, bot: 1, player: 2, away: 3 } as const;

/** What a person's tie says: none is not any more, asked is by us, asks is of us. */
export const Tie = { none: 0, friend: 1, asked: 2, asks: 3 } as const;

/** Where a friend is. */
export const PresenceState = { offline: 0, online: 1, inLobby: 2, inMatch: 3 } as const;

/** Who hears what is said. */
export const Channel = { party: 1, whisper: 2, room: 3 } as const;

// What a client sends.

export const join = (match: string, pass: string, epoch = 0, tick = 0) => encode([-1, match, pass, epoch, tick]);
export const leave = () => encode([-2]);
export const ack = (tick: number, hold: number) => encode([-3, tick & 127, Math.min(127, hold)]);
export const ping = (stamp: number) => encode([-4, stamp >>> 0]);
/** Everything up to this notice is taken in; 0 asks for what is unread again. */
export const mailAck = (id: number) => encode([-5, id]);
/** Yes or no to an Offer. */
export const accept = (ticket: string, yes: boolean) => encode([-13, ticket, yes]);
export const follow = (seat: number) => encode([-14, seat]);

/** Says something to the party, or whispers it to somebody; a chat with the stamp answers. */
export const say = (channel: number, stamp: number, to: string, text: string) => encode([-6, channel, stamp >>> 0, to, text]);

/** What there is to be said of a room that is made. */
export interface RoomWish { title: string; mode: string; size: number; privacy: number; password: string; options: number[] }
/** What of the list of rooms is shown. */
export interface RoomFilter { mode: string; open: boolean; free: boolean; text: string }

export const roomCreate = (stamp: number, w: RoomWish) =>
  encode([-7, stamp >>> 0, w.title, w.mode, w.size, w.privacy, w.password, w.options]);
export const roomJoin = (stamp: number, code: string, password: string) => encode([-8, stamp >>> 0, code, password]);
export const roomDo = (stamp: number, verb: number, player: string, number: number, text: string, values: number[]) =>
  encode([-9, stamp >>> 0, verb, player, number, text, values]);
export const roomWatch = (stamp: number, on: boolean, f: RoomFilter) => encode([-10, stamp >>> 0, on, f.mode, f.open, f.free, f.text]);

const probe = new Reader();

/** Whether a message is control; what is neither that nor well-formed, the reader of frames will say. */
export function isControl(bytes: Uint8Array): boolean {
  probe.reset(bytes);
  try {
    return probe.array() > 0 && probe.int(-0x80000000, 0xffffffff) < 0;
  } catch {
    return false;
  }
}

const LIMITS = { maxStrLength: 4096, maxBinLength: 4096, maxArrayLength: 4096, maxMapLength: 16, maxExtLength: 64 };

/** Reads a control message from the server; throws MalformedError. */
export function parseServer(bytes: Uint8Array): ServerMessage {
  let value: unknown;
  try {
    value = decode(bytes, LIMITS);
  } catch (e) {
    throw new MalformedError(e instanceof Error ? e.message : String(e));
  }
  const r = new Fields(value, 1);
  return message(r.int(-32, -1), r);
}

function message(type: number, r: Fields): ServerMessage {
  switch (type) {
    case -1: return { type: 'welcome', version: r.int(0, 32768), player: r.id(), name: r.name() };
    case -2: return { type: 'refused', code: r.id(), text: r.text() };
    case -3: return { type: 'goodbye', code: r.int(0, 65535), text: r.text(), comeBack: r.bool() };
    case -4: return { type: 'pong', stamp: r.u32() };
    case -5: return {
      type: 'room', room: r.id(), base: r.u32(), revision: r.u32(), mode: r.id(), starts: r.int(-1, 1 << 20),
      seats: r.list(1024, (s) => ({ index: s.int(0, 1024), player: s.id(), name: s.name(), here: s.bool() })),
    };
    case -6: return { type: 'assignment', url: r.string(512), match: r.id(), pass: r.string(512), mode: r.id() };
    case -7: return joined(r);
    case -8: return { type: 'roster', seats: roster(r) };
    case -9: return {
      type: 'over', match: r.id(), why: r.id(),
      result: r.list(1024, (p) => ({ seat: p.int(0, 1023), rank: p.i32(), score: p.i32() })),
    };
    case -10: return { type: 'pace', permille: r.int(0, 32768) };
    case -11: return { type: 'notice', code: r.id(), text: r.text() };
    case -12: return ticket(r);
    case -13: return {
      type: 'mail', after: r.u53(),
      notices: r.list(128, (n) => ({ id: n.u53(), kind: n.id(), at: n.u53(), text: n.string(1024), data: n.string(1024) })),
    };
    case -14: return {
      type: 'party', revision: r.u53(), id: r.id(), leader: r.id(), most: r.int(0, 64), mode: r.id(), ticket: r.id(),
      members: r.list(64, (m) => ({ player: m.id(), name: m.name(), here: m.bool() })),
      invited: r.list(64, (i) => ({ player: i.id(), name: i.name(), expires: i.u53() })),
      invitations: r.list(64, (i) => ({ party: i.id(), by: i.id(), name: i.name(), members: i.int(0, 64), expires: i.u53() })),
    };
    case -15: return {
      type: 'presence', whole: r.bool(),
      people: r.list(256, (p) => ({ player: p.id(), name: p.name(), tie: p.int(0, 3), state: p.int(0, 3), joinable: p.bool(), where: p.id() })),
    };
    case -16: return {
      type: 'chat', channel: r.int(0, 255), id: r.u53(), stamp: r.u32(), from: r.id(), name: r.name(), to: r.id(), at: r.u53(),
      text: r.text(), refused: r.id(),
    };
    case -17: return roomState(r);
    case -18: return { type: 'roomreply', stamp: r.u32(), refused: r.id(), code: r.id() };
    case -19: return { type: 'roomleft', code: r.id(), why: r.id() };
    case -20: return {
      type: 'roomlist', stamp: r.u32(), whole: r.bool(), more: r.bool(), rows: r.list(128, roomRow), gone: r.strings(128),
    };
    case -21: return { type: 'watching', people: r.int(0, 1 << 20) };
    case -25: return {
      type: 'offer', ticket: r.id(), mode: r.id(), left: r.count(), players: r.int(0, 1024), accepted: r.int(0, 1024), you: r.bool(),
    };
  }
  return { type: 'unknown' };
}

function roomState(r: Fields): RoomState {
  const m: RoomState = {
    type: 'roomstate', code: r.id(), base: r.u32(), revision: r.u32(), head: roomHead(r.record()),
    seats: r.list(1024, (s) => ({
      index: s.int(0, 1023), kind: s.int(0, 3), player: s.id(), name: s.name(), here: s.bool(), ready: s.bool(), playing: s.bool(), swap: s.id(),
    })),
  };
  if (m.base === 0 && !m.head) throw new MalformedError('a whole room without its head');
  return m;
}

function roomHead(r: Fields): RoomHead | null {
  if (r.ended()) return null;
  return {
    title: r.name(), mode: r.id(), options: r.ints(16), size: r.int(1, 1024), privacy: r.int(0, 2), locked: r.bool(), host: r.id(),
    phase: r.int(0, 3), starts: r.int(-1, 1 << 20), banned: r.list(64, (b) => ({ player: b.id(), name: b.name() })),
  };
}

function roomRow(r: Fields): RoomRow {
  return {
    code: r.id(), title: r.name(), mode: r.id(), options: r.ints(16), host: r.name(), players: r.int(0, 1024), bots: r.int(0, 1024),
    size: r.int(0, 1024), locked: r.bool(), playing: r.bool(),
  };
}

function ticket(r: Fields): TicketNews {
  const news: TicketNews = { type: 'ticket', id: r.id(), mode: r.id(), state: r.id(), reason: r.id() };
  if (news.state !== 'waiting') return news;
  news.wait = r.ended() ? { waited: 0, gap: 0, ping: 0, inRange: 0, estimate: 0, why: '' }
    : { waited: r.count(), gap: r.count(), ping: r.count(), inRange: r.count(), estimate: r.count(), why: r.id() };
  return news;
}

function joined(r: Fields): Joined {
  const m: Joined = {
    type: 'joined', match: r.id(), epoch: r.u32(), seat: r.int(-1, 1023), team: r.int(0, 255), mode: r.id(),
    hz: r.int(1, 1000), tick: r.u32(), schema: schema(r.record()), roster: roster(r),
  };
  return m.seat < 0 ? { ...m, delay: r.u32() } : m;
}

function roster(r: Fields): RosterSeat[] {
  return r.list(1024, (s) => ({ seat: s.int(0, 1023), status: s.int(0, 3), player: s.id(), name: s.name() }));
}

function schema(r: Fields): Schema {
  const s: Schema = { tables: r.list(256, table), inputs: r.list(8, field), events: r.list(64, eventKind) };
  if (!r.ended()) s.space = space(r.record());
  return s;
}

/** The longest side of a plane, and all lengths. */
const SIDE = 2 ** 30;

function space(r: Fields): Space {
  return { width: r.int(1, SIDE), height: r.int(1, SIDE), cell: r.int(1, SIDE), reach: r.int(0, SIDE), rate: r.int(0, SIDE) };
}

function table(r: Fields): Table {
  const t = { name: r.id(), capacity: r.int(1, 16384), audience: r.int(0, 3), columns: r.list(64, column) };
  if (t.audience === 3 && t.columns.length > 0) throw new MalformedError('a hidden table with columns');
  return t;
}

function column(r: Fields): Column {
  const name = r.id(), flags = r.int(0, 255);
  const c: Column = { name, linear: (flags & 1) !== 0, tick: (flags & 2) !== 0 };
  const axes = flags & 12;
  if (axes === 12) throw new MalformedError('number out of range');
  if (axes !== 0) c.axis = axes === 4 ? Axis.x : Axis.y;
  return c;
}

function field(r: Fields): Field {
  const name = r.id(), min = r.i32(), max = r.i32(), flags = r.int(0, 255);
  return { name, min, max, bits: (flags & 1) !== 0, keep: (flags & 2) !== 0 };
}

function eventKind(r: Fields): EventKind {
  return { name: r.id(), args: r.strings(4) };
}

const utf8 = new TextEncoder();

/** Takes a record's elements in order and checks each. More than are taken are tomorrow's. */
class Fields {
  private readonly values: unknown[];
  private at = 0;

  constructor(value: unknown, atLeast = 0) {
    if (!Array.isArray(value) || value.length < atLeast) throw new MalformedError('wrong type');
    this.values = value;
  }

  private take(): unknown {
    if (this.at >= this.values.length) throw new MalformedError('wrong number of elements');
    return this.values[this.at++];
  }

  int(low: number, high: number): number {
    const v = this.take();
    if (typeof v !== 'number' || !Number.isInteger(v)) throw new MalformedError('wrong type');
    if (v < low || v > high) throw new MalformedError('number out of range');
    return v;
  }

  /** Whether there is no element left. */
  ended = () => this.at >= this.values.length;

  count = () => this.int(0, 0x7fffffff);
  u32 = () => this.int(0, 0xffffffff);
  u53 = () => this.int(0, Number.MAX_SAFE_INTEGER);
  i32 = () => this.int(-0x80000000, 0x7fffffff);

  bool(): boolean {
    const v = this.take();
    if (typeof v !== 'boolean') throw new MalformedError('wrong type');
    return v;
  }

  /** A text of at most so many bytes. */
  string(most: number): string {
    const v = this.take();
    if (typeof v !== 'string') throw new MalformedError('wrong type');
    if (v.length * 3 > most && utf8.encode(v).length > most) throw new MalformedError('text too long');
    return v;
  }

  id = () => this.string(64);
  name = () => this.string(96);
  text = () => this.string(256);

  record(): Fields {
    return new Fields(this.take());
  }

  list<T>(most: number, read: (r: Fields) => T): T[] {
    const list = this.take();
    if (!Array.isArray(list) || list.length > most) throw new MalformedError('wrong number of elements');
    return list.map((element) => read(new Fields(element)));
  }

  ints(most: number): number[] {
    const list = this.record();
    if (list.values.length > most) throw new MalformedError('wrong number of elements');
    return list.values.map(() => list.i32());
  }

  strings(most: number): string[] {
    const list = this.record();
    if (list.values.length > most) throw new MalformedError('wrong number of elements');
    return list.values.map(() => list.id());
  }
}
