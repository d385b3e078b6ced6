import { Company } from './company.ts';
import { Connection, type Dial, type Socket } from './connection.ts';
import * as control from './control.ts';
import { Emitter } from './emitter.ts';
import { MailReader } from './mail.ts';
import { Match } from './match.ts';
import { MadeRoom, RoomList } from './rooms.ts';
import { BANNED, LOGGED_OUT, type Reason, SESSION_EXPIRED } from './reason.ts';
import { ApiError, type Session, type Ticket, type Wish } from './session.ts';
import { Stats } from './stats.ts';

/** Where the player stands. */
export type State =
  | 'closed'      // not connected, and not trying
  | 'connecting'  // also when coming back
  | 'hall'        // connected, nothing to do
  | 'queued'      // a ticket waits for others
  | 'room'        // a group gathers
  | 'joining'     // on the way into a match
  | 'playing';

/** The room where a group gathers, whole. */
export interface Room { mode: string; starts: number; seats: control.RoomSeat[] }

export interface ClientEvents {
  state: State;
  room: Room;
  /** The seat is ours, for the first time or again after a lost connection. */
  joined: Match;
  /** A frame has been taken in, at the socket's own beat: the mirror is new, and its events are this frame's. */
  frame: Match;
  roster: Match;
  over: control.Over;
  /** The room that players have made has changed, or we are in none. */
  made: MadeRoom;
  /** What we asked of rooms is answered. */
  roomReply: control.RoomReply;
  roomLeft: control.RoomLeft;
  rooms: RoomList;
  notice: control.Notice;
  /** The party has changed, or who invites us. */
  party: control.Party;
  /** Friends have come, gone or moved, or asked to be; company.people has them all. */
  people: control.Person[];
  /** Somebody has said something, or with refused not been heard. */
  chat: control.Chat;
  /** A notice that was kept for us, each once. It is acknowledged when all listeners have returned. */
  mail: control.MailNotice;
  /** A match was found, and wants accept(); again whenever more have accepted. */
  offer: Offered;
  /** Why the ticket waits, every few seconds. */
  waiting: control.Wait;
  /** The ticket came to nothing, or the seat was not given. */
  refused: { code: string; text: string };
  /** A connection ended. With `again` it is made anew after so many ms. */
  goodbye: Reason & { again?: number };
  /** We hold something else than the server says; the connection is made anew. */
  desync: Match;
}

export interface ClientOptions {
  dial?: Dial;
  random?: () => number;
  now?: () => number;
  /** The newest notice that an earlier program has shown: mailSeen, as it was kept. */
  mailSeen?: number;
}

/** A match to be accepted, with ms left. */
export interface Offered { left: number; players: number; accepted: number; you: boolean }

/** What is known of a seat: enough to take it, and to take it up again. */
interface Seat { url: string; match: string; pass: string; sent: boolean; resuming: boolean; epoch: number; tick: number; watches?: boolean }

const BACKOFF_BASE_MS = 500, BACKOFF_CAP_MS = 10_000, STEADY_MS = 10_000;

/** A player's connection to a server, kept up until it is closed. */
export class Client extends Emitter<ClientEvents> {
  state: State = 'closed';
  match?: Match;
  room?: Room;
  /** The room that players have made and we are in. */
  readonly made = new MadeRoom();
  /** The list of rooms, while it is watched. */
  rooms?: RoomList;
  readonly stats = new Stats();
  /** Party and friends. */
  readonly company = new Company();

  private readonly mail: MailReader;
  private stamp = 0;
  private readonly dial: Dial;
  private readonly random: () => number;
  private readonly now: () => number;
  private conn?: Connection;
  private seat?: Seat;
  /** The last match that was over. */
  private ended = '';
  private ticket?: Ticket;
  private watching?: AbortController;
  private attempt = 0;
  private openedAt = 0;
  private timer?: ReturnType<typeof setTimeout>;
  private roomRevision = 0;

  constructor(readonly session: Session, options: ClientOptions = {}) {
    super();
    this.mail = new MailReader(options.mailSeen);
    this.dial = options.dial ?? ((url, protocols) => new WebSocket(url, protocols) as unknown as Socket);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => performance.now());
  }

  /** Connects, and from then on stays connected. */
  connect(): void {
    if (this.state === 'closed') this.open();
  }

  /** Looks for a match of the mode. What comes of it is told by events. */
  async play(wish: string | Wish): Promise<void> {
    await this.cancel();
    this.room = undefined; // that of the last match
    this.connect();
    this.ticket = await this.newTicket(wish);
    if (this.state === 'hall') this.become('queued');
    void this.watchTicket(this.ticket);
  }

  /** A ticket of before, say of a page that was closed, gives way. */
  private async newTicket(wish: string | Wish): Promise<Ticket> {
    try {
      return await this.session.createTicket(wish);
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'ticket_exists' || !e.ticket) throw e;
      await this.session.cancelTicket(e.ticket);
      return this.session.createTicket(wish);
    }
  }

  /** Yes or no to the match that is offered. After a no the search has ended. */
  async accept(yes: boolean): Promise<void> {
    if (this.searching) await this.session.answerOffer(this.searching, yes);
  }

  /** The ticket that waits: our own, or the party's. */
  private get searching(): string {
    return this.ticket?.id ?? this.company.party?.ticket ?? '';
  }

  /** Takes the ticket back, if there is one. The party's is for its leader to take back. */
  async cancel(): Promise<void> {
    const party = this.company.party;
    if (party?.ticket && party.leader === this.session.player.id) await this.session.ask('DELETE', '/v1/party/ticket').catch(() => {});
    const ticket = this.dropTicket();
    if (!ticket) return;
    if (this.state === 'queued' || this.state === 'room') this.become('hall');
    await this.session.cancelTicket(ticket.id).catch(() => {}); // it may have ended already
  }

  /** Takes up a seat that this player held, say before the page was loaded anew. */
  resume(match: string, url = ''): void {
    this.seat = { url, match, pass: '', sent: true, resuming: true, epoch: 0, tick: 0 };
    if (this.state === 'hall') this.join();
    else this.connect();
  }

  /** The seat that is held or being taken: what resume wants after the page was loaded anew. */
  get place(): { match: string; url: string } | undefined {
    return this.seat && !this.seat.watches ? { match: this.seat.match, url: this.seat.url } : undefined;
  }

  /** Watches a match without a seat, when we are in none; joined follows, or refused. It throws where we may not. */
  async watch(match: string): Promise<void> {
    await this.cancel();
    const to = await this.session.watch(match);
    if (this.match) throw new Error('in a match');
    this.seat = { ...to, sent: false, resuming: false, epoch: 0, tick: 0, watches: true };
    if (this.conn?.welcomed) this.go();
    else this.connect();
  }

  /** Gives the seat back; over follows. */
  leave(): void {
    this.conn?.send(new Uint8Array(control.leave()));
  }

  /** Says something to the party. The chat that answers has this stamp. */
  say(text: string): number {
    return this.speak(control.Channel.party, '', text);
  }

  /** Says something to one player alone, likewise. */
  whisper(player: string, text: string): number {
    return this.speak(control.Channel.whisper, player, text);
  }

  private speak(channel: number, to: string, text: string): number {
    this.stamp = (this.stamp + 1) >>> 0;
    this.conn?.send(new Uint8Array(control.say(channel, this.stamp, to, text)));
    return this.stamp;
  }

  /** Says something to the room. */
  sayToRoom(text: string): number {
    return this.speak(control.Channel.room, '', text);
  }

  /** Makes a room. A roomReply with this stamp answers, as it does what follows. */
  createRoom(wish: Partial<control.RoomWish> & { mode: string }): number {
    return this.askRoom((stamp) => control.roomCreate(stamp, { title: '', size: 0, privacy: 0, password: '', options: [], ...wish }));
  }

  joinRoom(code: string, password = ''): number {
    return this.askRoom((stamp) => control.roomJoin(stamp, code, password));
  }

  /** Does one of RoomVerb; PROTOCOL.md, section 5.2, says what each takes. */
  doInRoom(verb: number, of: { player?: string; number?: number; text?: string; values?: number[] } = {}): number {
    return this.askRoom((stamp) => control.roomDo(stamp, verb, of.player ?? '', of.number ?? 0, of.text ?? '', of.values ?? []));
  }

  /** Has the list of rooms told, as the event rooms, until we leave the hall. */
  watchRooms(filter: Partial<control.RoomFilter> = {}): void {
    const stamp = this.askRoom((s) => control.roomWatch(s, true, { mode: '', open: false, free: false, text: '', ...filter }));
    this.rooms = new RoomList(stamp);
  }

  unwatchRooms(): void {
    this.askRoom((s) => control.roomWatch(s, false, { mode: '', open: false, free: false, text: '' }));
    this.rooms = undefined;
  }

  private askRoom(bytes: (stamp: number) => Uint8Array): number {
    this.stamp = (this.stamp + 1) >>> 0;
    this.conn?.send(new Uint8Array(bytes(this.stamp)));
    return this.stamp;
  }

  /** The newest notice that was shown: keep it beyond the program to be shown each once. */
  get mailSeen(): number {
    return this.mail.seen;
  }

  /** Ends everything. */
  close(): void {
    void this.cancel();
    clearTimeout(this.timer);
    this.endMatch();
    this.seat = undefined;
    const conn = this.conn;
    this.conn = undefined;
    this.become('closed');
    conn?.close({ code: 1000, text: 'normal', comeBack: false });
  }

  /** Breaks the connection off, as a lost network would: for tests. */
  cut(): void {
    this.conn?.close({ code: 1006, text: 'connection lost', comeBack: true });
  }

  private become(state: State): void {
    if (this.state === state) return;
    this.state = state;
    this.emit('state', state);
  }

  /** @param stale whether the tokens are known to be too old */
  private async open(stale = false): Promise<void> {
    this.become('connecting');
    let token: string;
    try {
      // A refused handshake does not say why in a browser; it may be the token.
      if (stale || this.attempt > 1) await this.session.renew();
      token = await this.session.token();
    } catch (e) {
      if (this.state === 'connecting') this.lost(unlet(e));
      return;
    }
    if (this.state !== 'connecting') return;
    this.conn = this.connection(token);
  }

  private connection(token: string): Connection {
    const own = (handle: () => void) => { if (this.conn === conn) handle(); };
    const { version } = this.session;
    const offers = ['bearer.' + token, ...version ? ['client.' + version] : []];
    const conn = new Connection(this.seat?.url || this.session.socketUrl, offers, this.dial, this.now, {
      control: (m) => own(() => this.control(m)),
      frame: (bytes) => own(() => this.frame(bytes)),
      closed: (reason) => own(() => this.lost(reason)),
      roundTrip: (ms) => own(() => this.stats.roundTrip(ms)),
    });
    return conn;
  }

  private lost(reason: Reason): void {
    this.conn = undefined;
    this.match?.stop();
    this.stats.afresh();
    if (!reason.comeBack) {
      this.endMatch();
      this.dropTicket();
      this.seat = undefined;
      this.become('closed');
      this.emit('goodbye', reason);
      return;
    }
    if (this.openedAt && this.now() - this.openedAt > STEADY_MS) this.attempt = 0;
    if (this.openedAt) this.stats.reconnects++;
    this.openedAt = 0;
    const again = this.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** this.attempt++);
    this.become('connecting');
    this.timer = setTimeout(() => { if (this.state === 'connecting') void this.open(reason.code === SESSION_EXPIRED); }, again);
    this.emit('goodbye', { ...reason, again });
  }

  private control(m: control.ServerMessage): void {
    switch (m.type) {
      case 'welcome': return this.welcome();
      case 'room': return this.roomChanged(m);
      case 'assignment': return this.assigned(m);
      case 'joined': return this.takeSeat(m);
      case 'refused': return this.refused(m);
      case 'roster':
        this.match?.rosterChanged(m);
        if (this.match) this.emit('roster', this.match);
        return;
      case 'watching':
        if (!this.match) return;
        this.match.watchers = m.people;
        return this.emit('roster', this.match);
      case 'pace': return this.match?.paceChanged(m);
      case 'over': return this.over(m);
      case 'roomstate':
        if (this.made.take(m)) this.emit('made', this.made);
        return;
      case 'roomreply': return this.emit('roomReply', m);
      case 'roomleft':
        if (m.code === this.made.code) this.made.left();
        this.emit('roomLeft', m);
        return this.emit('made', this.made);
      case 'roomlist':
        if (this.rooms?.take(m)) this.emit('rooms', this.rooms);
        return;
      case 'notice': return this.emit('notice', m);
      case 'ticket':
        if (m.id !== this.searching) return;
        this.ticketChanged(m.state, m.reason);
        if (m.wait) this.emit('waiting', m.wait);
        return;
      case 'offer':
        if (m.ticket === this.searching) this.emit('offer', { left: m.left, players: m.players, accepted: m.accepted, you: m.you });
        return;
      case 'party': return this.partyTold(m);
      case 'presence':
        this.company.presenceTold(m);
        return this.emit('people', m.people);
      case 'chat': return this.emit('chat', m);
      case 'mail': return this.mailTold(m);
    }
  }

  /** A party that is queued takes all members along. */
  private partyTold(m: control.Party): void {
    if (!this.company.partyTold(m)) return;
    if (m.ticket && this.state === 'hall') this.become('queued');
    else if (!this.searching && this.state === 'queued') this.become('hall');
    this.emit('party', m);
  }

  private mailTold(m: control.Mail): void {
    const { fresh, ack } = this.mail.take(m);
    for (const n of fresh) this.emit('mail', n);
    this.conn?.send(new Uint8Array(control.mailAck(ack)));
  }

  private welcome(): void {
    if (this.conn!.welcomed) return; // it is the first message and comes once; another would change nothing
    this.openedAt = this.now();
    this.conn!.welcomed = true;
    this.company.connected();
    this.made.left();
    this.mail.connected();
    this.room = undefined;
    if (this.seat) return this.join();
    this.become(this.ticket ? 'queued' : 'hall');
  }

  private roomChanged(m: control.RoomMessage): void {
    if (m.base !== 0 && m.base !== this.roomRevision) return; // a change of what we do not have
    const seats = m.base === 0 ? [] : [...this.room?.seats ?? []];
    for (const s of m.seats) seats[s.index] = s;
    this.roomRevision = m.revision;
    this.room = { mode: m.mode, starts: m.starts, seats };
    if (this.state === 'hall' || this.state === 'queued') this.become('room');
    this.emit('room', { ...this.room, seats: seats.filter((s) => s) });
  }

  private assigned(a: { url: string; match: string; pass: string }): void {
    // Told before, by the ticket or by the socket; or late, of a match that is over.
    if (this.seat?.match === a.match || this.ended === a.match) return;
    this.dropTicket();
    this.seat = { ...a, sent: false, resuming: false, epoch: 0, tick: 0 };
    if (this.conn && this.state !== 'connecting') this.go();
  }

  /** Joins here, or where the seat is. */
  private go(): void {
    const url = this.seat!.url;
    if (!url || sameSocket(url, this.conn!.url)) return this.join();
    const conn = this.conn!;
    this.conn = undefined;
    conn.close({ code: 1000, text: 'normal', comeBack: true });
    this.attempt = 0;
    void this.open();
  }

  private join(): void {
    const s = this.seat!;
    this.become('joining');
    if (s.watches && s.sent) return void this.watchOn(s);
    s.resuming = s.sent; // the pass works once: it may have been taken though we did not hear
    s.sent = true;
    const bytes = s.resuming ? control.join(s.match, '', s.epoch, s.tick) : control.join(s.match, s.pass);
    this.conn!.send(new Uint8Array(bytes));
  }

  /** Comes back to a match that is watched: with a new pass, and told of the events since. */
  private async watchOn(s: Seat): Promise<void> {
    const conn = this.conn;
    try {
      const { pass } = await this.session.watch(s.match);
      if (this.conn === conn && this.seat === s) conn!.send(new Uint8Array(control.join(s.match, pass, s.epoch, s.tick)));
    } catch (e) {
      const code = e instanceof ApiError ? e.code : 'failed';
      if (this.conn === conn && this.seat === s) this.refused({ type: 'refused', code, text: (e as Error).message });
    }
  }

  private refused(m: control.Refused): void {
    const s = this.seat;
    if (s?.resuming && s.pass) {
      s.resuming = false;
      this.conn!.send(new Uint8Array(control.join(s.match, s.pass)));
      s.pass = '';
      return;
    }
    this.seat = undefined;
    this.endMatch();
    this.become('hall');
    this.emit('refused', m);
  }

  private takeSeat(m: control.Joined): void {
    const was = this.match;
    this.endMatch();
    if (this.seat) this.seat.pass = ''; // it is used
    const conn = this.conn!;
    this.match = new Match(m, this.stats, (bytes) => conn.send(bytes), this.now);
    if (was) this.match.sample = was.sample;
    if (was && was.followed >= 0 && was.joined.match === m.match) this.match.follow(was.followed);
    this.become('playing');
    this.emit('joined', this.match);
  }

  private frame(bytes: Uint8Array): void {
    const match = this.match;
    if (!match) return; // the last ones of a match that is over
    const desync = match.frame(bytes);
    if (this.seat) {
      this.seat.epoch = match.mirror.epoch;
      this.seat.tick = match.mirror.now.tick;
    }
    this.emit('frame', match);
    if (!desync) return;
    this.stats.desyncs++;
    this.emit('desync', match);
    this.conn?.close({ code: 1002, text: 'out of step with the server', comeBack: true });
  }

  private over(m: control.Over): void {
    this.endMatch();
    this.seat = undefined;
    this.ended = m.match;
    this.become('hall');
    this.emit('over', m);
  }

  private endMatch(): void {
    this.match?.stop();
    this.match = undefined;
  }

  private dropTicket(): Ticket | undefined {
    const ticket = this.ticket;
    this.ticket = undefined;
    this.watching?.abort();
    return ticket;
  }

  // The socket tells all this, too; the ticket does where there is no socket
  // just now.
  private async watchTicket(ticket: Ticket): Promise<void> {
    const watching = this.watching = new AbortController();
    let seen = ticket.state; // else what comes before the first question would not be a change
    while (this.ticket?.id === ticket.id) {
      try {
        const t = await this.session.awaitTicket(ticket.id, seen, watching.signal);
        seen = t.state;
        if (this.ticket?.id === ticket.id) this.ticketChanged(t.state, t.reason, t.assignment);
        if (t.offer) this.emit('offer', { left: t.offer.left_ms, players: t.offer.players, accepted: t.offer.accepted, you: t.offer.you });
      } catch (e) {
        if (watching.signal.aborted) return;
        if (e instanceof ApiError && e.status >= 400 && e.status < 500 && e.status !== 429) {
          return this.ticketFailed(e.code, e.message);
        }
        await new Promise((resolve) => setTimeout(resolve, 1000 + this.random() * 1000));
      }
    }
  }

  private ticketChanged(state: string, reason = '', assignment?: Ticket['assignment']): void {
    if (state === 'placed' && assignment) this.assigned(assignment);
    else if (state === 'failed' || state === 'cancelled') this.ticketFailed(reason || state);
    else if (state === 'waiting' && this.state === 'room') {
      this.room = undefined; // the group came apart
      this.become('queued');
    }
  }

  private ticketFailed(code: string, text = TICKET_TEXTS[code] ?? 'No match could be made. Please try again.'): void {
    this.dropTicket();
    if (this.state === 'queued' || this.state === 'room') this.become('hall');
    this.emit('refused', { code, text });
  }
}

/** Why there is no token to connect with. Where the login has ended, it does not come back by itself. */
function unlet(e: unknown): Reason {
  const text = e instanceof ApiError ? e.message : 'The login failed.';
  if (e instanceof ApiError && e.code === 'banned') return { code: BANNED, text, comeBack: false };
  if (e instanceof ApiError && e.status === 401) return { code: LOGGED_OUT, text, comeBack: false };
  return { code: 1006, text, comeBack: true };
}

const TICKET_TEXTS: Record<string, string> = {
  idle: 'The search was given up, as nobody seemed to wait.',
  draining: 'The server is restarting. Please try again in a moment.',
  by_player: 'The search was cancelled.',
  declined: 'The match was declined.',
  no_answer: 'The search was given up, as the match was not accepted in time.',
  cancelled: 'The search was cancelled.',
};

function sameSocket(a: string, b: string): boolean {
  const x = new URL(a, b), y = new URL(b);
  return x.host === y.host && x.pathname === y.pathname;
}
