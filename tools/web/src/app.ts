import { ApiError, type Client, type LiveMatch, listModes, type Match, type Mode, type Offered, type Over, type Party, type State } from '@muster/client';
import { type Kept, keep, recall } from './kept.ts';
import { Login } from './login.ts';
import { Lounge } from './lounge.ts';
import { Parting } from './parting.ts';
import { Rooms } from './rooms/rooms.ts';
import { Stage } from './stage.ts';
import { Banner, gone } from './ui/banner.ts';
import { closeDialogs } from './ui/dialog.ts';
import { h, show } from './ui/dom.ts';
import { Menu } from './ui/menu.ts';
import { problem } from './ui/problems.ts';
import { ResultScreen } from './ui/result.ts';
import { RoomScreen } from './ui/room.ts';
import { type View, kindOf } from './view.ts';

/** room is where a search stands; made is a room of players. */
type Screen = 'menu' | 'room' | 'made' | 'game' | 'result';

const AWAY = 'The server cannot be reached. Trying again…';
/** How long a question or a piece of news may stand above a match. */
const QUESTION_S = 8, NEWS_S = 10;
/** On a new connection, how long a room that we are still in may take to be told. */
const ROOM_TOLD_MS = 3000;
/** Where keys are for what has the focus. */
const TYPING = 'input:not([type=radio]), select, textarea, dialog';

/** The page at /: from the name to the match and back. */
export class App {
  screen: Screen = 'menu';

  private readonly stage = new Stage(() => this.askToLeave());
  private readonly login = new Login({ connected: (client) => this.connected(client), changed: () => this.playerChanged() });
  private readonly menu = new Menu({
    play: (mode) => void this.play(mode), watch: () => this.lounge.showLive(this.modes, this.menu.mode?.name ?? ''), boards: () => this.lounge.showBoards(this.modes, this.menu.mode?.name ?? ''), rooms: () => this.rooms.browse(),
  });
  private readonly room = new RoomScreen(() => void this.back(), (yes) => void this.answer(yes), () => this.stage.sound.play('tick'));
  private readonly result = new ResultScreen(() => this.again(), () => this.leaveResult(), (who) => this.lounge.about(who));
  private readonly banner = new Banner();
  private readonly question = new Banner();
  private readonly parting = new Parting(this.login, this.banner, {
    menu: () => this.toMenu(), logIn: () => this.lounge.account.enter(),
    connect: () => void this.login.as(this.menu.wanted).catch((e: unknown) => this.failed(e)),
  });
  private readonly lounge = new Lounge(this.login, () => this.menu.wanted, (mode) => this.title(mode), (code) => void this.rooms.join(code), (match) => void this.watch(match));
  private readonly rooms: Rooms = new Rooms({
    enter: () => this.login.as(this.menu.wanted), modes: () => this.modes.filter((m) => kindOf(m.name) === 'arena'), client: () => this.client,
    changed: () => this.roomChanged(), tell: (text) => this.lounge.news.say(text, NEWS_S), about: (who) => this.lounge.about(who), ticked: () => this.stage.sound.play('tick'),
  });
  private modes: Mode[] = [];
  private mode = '';
  private offering = false;
  /** While the party looks for a match. */
  private together = false;
  /** Until the match of before the page was loaded anew is there, or gone. */
  private returning = false;
  /** Who has the seat: the server may come to know us as someone else. */
  private seated = '';

  constructor() {
    document.body.append(this.stage.above, this.menu.root, this.room.root, this.rooms.screen.root, this.result.root, this.lounge.corner.root,
      h('div.banners', null, this.question.root, this.banner.root, this.lounge.news.root), this.stage.muteButton);
    addEventListener('keydown', (e) => this.key(e));
  }

  get game(): View {
    return this.stage.view;
  }

  get client(): Client | undefined {
    return this.login.client;
  }

  start(): void {
    this.toMenu();
    this.stage.run();
    requestAnimationFrame(this.tick);
    void this.offer();
    void this.lounge.comeBack().then((came) => this.begin(came));
    addEventListener('hashchange', () => void this.lounge.followLink(location.hash));
  }

  /** @param came whether a provider has just let somebody in, who takes the place of whoever was here */
  private begin(came: boolean): void {
    const was = recall();
    if (was && !came) this.takeUp(was);
    void this.lounge.followLink(location.hash);
  }

  /** Is who one was before the page was loaded anew, and where one was. */
  private takeUp(was: Kept): void {
    this.mode = was.mode;
    const client = this.login.restore(was.session);
    if (!was.place) return;
    this.returning = true;
    this.room.begin(performance.now());
    this.show('room');
    client.resume(was.place.match, was.place.url);
  }

  private playerChanged(): void {
    const session = this.login.session;
    this.lounge.playerChanged();
    this.menu.player(session);
    this.keep();
  }

  private keep(): void {
    const session = this.login.session;
    keep(session && { session: session.saved(), mode: this.mode, place: this.client?.place });
  }

  /** Lists the modes, as soon as the server answers; until then it is asked ever less often. */
  private async offer(said = 'Calling the server…'): Promise<void> {
    if (this.offering) return;
    this.offering = true;
    for (let attempt = 0; ; attempt++) {
      try {
        this.modes = await listModes(location.origin);
        break;
      } catch (e) {
        said = e instanceof ApiError && e.status !== 0 ? e.message : AWAY;
        this.menu.say(said, true);
        const wait = e instanceof ApiError && e.retryAfter > 0 ? e.retryAfter * 1000 : 500 + Math.min(8000, 1000 * 1.5 ** attempt) * Math.random();
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    this.offering = false;
    this.menu.unsay(said);
    this.menu.offer(this.modes);
    document.body.dataset.look = this.modes.some((m) => kindOf(m.name)) ? 'arena' : 'plain';
  }

  private async play(mode: string): Promise<void> {
    if (!kindOf(mode)) {
      location.href = schemaPage(mode);
      return;
    }
    this.mode = mode;
    this.banner.hide();
    this.room.begin(performance.now());
    this.show('room');
    try {
      const client = await this.login.as(this.menu.wanted);
      if (this.screen !== 'room') return; // it was taken back meanwhile
      if (this.menu.leads) await client.session.ask('POST', '/v1/party/ticket', { mode });
      else await client.play(mode);
    } catch (e) {
      this.failed(e);
    }
  }

  /** Watches a match: what comes first is that it is joined. */
  private async watch({ mode, id }: LiveMatch): Promise<void> {
    if (!kindOf(mode)) {
      location.href = schemaPage(mode, id);
      return;
    }
    this.mode = mode;
    this.banner.hide();
    closeDialogs();
    const going = 'On the way to the match…';
    this.menu.say(going);
    await this.login.as(this.menu.wanted).then((client) => client.watch(id)).catch((e: unknown) => this.failed(e));
    this.menu.unsay(going);
  }

  private failed(e: unknown): void {
    this.toMenu();
    if (e instanceof ApiError && e.code === 'banned') this.parting.end();
    if (e instanceof ApiError && e.status === 0) {
      this.menu.say(AWAY, true);
      void this.offer(AWAY);
    } else {
      this.menu.say(problem(e), true);
    }
  }

  private connected(client: Client): void {
    this.together = false;
    this.lounge.connected(client);
    this.rooms.connected(client);
    client.on('state', (s) => { if (this.client === client) this.stateChanged(s); });
    client.on('room', () => this.showRoom());
    client.on('joined', (m) => this.joined(m));
    client.on('frame', (m) => this.frame(m));
    client.on('roster', () => this.game.rosterChanged());
    client.on('over', (over) => this.over(over));
    client.on('waiting', (w) => { this.room.waits(w); this.showRoom(); });
    client.on('offer', (o) => this.offered(o));
    client.on('party', (p) => this.partyChanged(p));
    client.on('mail', (n) => { if (n.kind === 'result') this.result.rated(n.data); });
    client.on('notice', (n) => { if (!this.rooms.within) this.banner.say(n.text, NEWS_S); });
    client.on('refused', (r) => this.refused(r));
    client.on('goodbye', (r) => { if (this.client === client) this.parting.goodbye(r); });
  }

  private stateChanged(state: State): void {
    if (state !== 'connecting' && state !== 'closed') this.parting.healed();
    this.keep();
    this.game.controls.enabled = state === 'playing' && this.client!.match!.seat >= 0;
    this.showRoom();
    if (state === 'hall' && this.screen === 'made') setTimeout(() => this.roomChanged(), ROOM_TOLD_MS);
  }

  /** A match was found: each of its players is asked. */
  private offered(o: Offered): void {
    if (this.room.offered(o, performance.now())) this.stage.sound.play('go');
    this.showRoom();
  }

  private async answer(yes: boolean): Promise<void> {
    await this.client?.accept(yes).catch((e: unknown) => this.banner.say(problem(e), NEWS_S));
    if (!yes) this.toMenu();
  }

  /** Whoever leads the party looks for a match for all. */
  private partyChanged(p: Party): void {
    const searched = this.together;
    this.together = p.ticket !== '';
    this.menu.party(p, this.login.session!.player.id);
    if (p.ticket && this.screen === 'menu' && this.client?.state === 'queued') {
      this.mode = p.mode;
      this.room.begin(performance.now());
      this.show('room');
    } else if (searched && !p.ticket && this.screen === 'room' && this.client?.state === 'hall') {
      this.toMenu();
    }
  }

  /** The name of who leads the party, where that is somebody else. */
  private get leader(): string | undefined {
    const p = this.client?.company.party;
    if (!p?.ticket || p.leader === this.login.session?.player.id) return undefined;
    return p.members.find((m) => m.player === p.leader)?.name ?? '';
  }

  private title(mode: string): string {
    return this.modes.find((m) => m.name === mode)?.title || mode;
  }

  private showRoom(): void {
    if (this.screen !== 'room') return;
    const mode = this.modes.find((m) => m.name === this.mode), state = this.client?.state ?? 'connecting';
    this.room.update({ state, room: this.client?.room, title: this.title(this.mode), seats: mode?.seats ?? 0, leader: this.leader, returning: this.returning });
  }

  private joined(match: Match): void {
    this.seated = this.login.session!.player.id;
    this.stage.set(match.joined.mode).joined(match);
    if (this.screen !== 'game') this.stage.sound.play('go');
    this.game.controls.release();
    if (match.seat < 0) this.show('game'); // though the picture may come much later
  }

  private frame(match: Match): void {
    if (!this.game.frame(match)) {
      location.href = schemaPage(match.joined.mode, match.seat < 0 ? match.joined.match : '');
      return;
    }
    this.returning = false;
    if (this.screen !== 'game') this.show('game');
  }

  /** No seat: of a search that failed, or of a match that one comes back to too late. */
  private refused(r: { code: string; text: string }): void {
    if (this.screen === 'menu' || this.screen === 'made') return; // of something that was not looked for, or is taken back
    const quiet = this.returning, away = this.screen === 'game';
    this.toMenu(quiet ? '' : away ? gone(r, this.parting.last, this.login.session!.player.id !== this.seated) : r.text);
  }

  private over(over: Over): void {
    const places = this.game.over(over);
    if (over.why === 'left') return this.toMenu();
    this.show('result');
    this.result.open(over, places);
    this.result.inRoom(this.rooms.within);
  }

  private async back(): Promise<void> {
    if (this.returning) this.login.hangUp(); // there is no ticket to take back, and the seat is not wanted
    const member = this.leader !== undefined;
    this.toMenu();
    await (member ? this.client?.session.ask('DELETE', '/v1/party').catch(() => {}) : this.client?.cancel());
  }

  private askToLeave(): void {
    if (this.client?.match?.seat === -1) return this.client.leave(); // nothing is lost by it
    this.question.say('Leave the match?', QUESTION_S, { name: 'Stay', key: 'Esc', run: () => {} },
      { name: 'Leave', key: 'Enter', run: () => this.client?.leave() });
  }

  private toMenu(why = ''): void {
    this.returning = false;
    this.game.end();
    if (this.rooms.within) return this.toRoom(why);
    this.show('menu');
    this.menu.open();
    if (!this.offering || why !== '') this.menu.say(why, why !== '');
  }

  /** Back among those one plays with. */
  private toRoom(why: string): void {
    this.show('made');
    this.rooms.draw();
    if (why !== '') this.lounge.news.say(why, NEWS_S);
  }

  /** The room of ours has changed, or we have come or gone. */
  private roomChanged(): void {
    const within = this.rooms.within;
    if (within && this.screen === 'menu') {
      closeDialogs();
      this.toRoom('');
    } else if (within && this.screen === 'made') {
      this.rooms.draw();
    } else if (!within && this.screen === 'made') {
      this.toMenu();
    }
    this.result.inRoom(within);
  }

  /** After a match: another, with the same people where one is in a room. */
  private again(): void {
    if (this.rooms.within) this.toMenu();
    else void this.play(this.mode);
  }

  private leaveResult(): void {
    if (this.rooms.within) this.client?.leave();
    this.toMenu();
  }

  private show(screen: Screen): void {
    this.screen = screen;
    if (screen === 'game') closeDialogs();
    show(this.menu.root, screen === 'menu');
    show(this.room.root, screen === 'room');
    show(this.rooms.screen.root, screen === 'made');
    show(this.result.root, screen === 'result');
    show(this.game.root, screen === 'game');
    show(this.game.touch.root, screen === 'game' && this.game.touch.used);
    if (screen !== 'game') this.question.hide();
    document.body.dataset.screen = screen;
    (document.activeElement as HTMLElement | null)?.blur();
    this.showRoom();
  }

  private key(e: KeyboardEvent): void {
    if (e.target instanceof Element && e.target.closest(TYPING)) return;
    if (e.code === 'KeyM' && !e.ctrlKey && !e.metaKey) this.stage.mute();
    if (e.code === 'F3') { e.preventDefault(); this.game.net.toggle(); }
    if (this.screen === 'game' && e.code === 'Tab') { e.preventDefault(); this.game.scoresHeld = true; }
    if (e.code === 'Escape' && !e.repeat) this.escape();
    if (e.code === 'Enter' && this.question.open) { this.question.hide(); this.client?.leave(); }
  }

  private escape(): void {
    if (this.screen !== 'game') this.banner.hide();
    else if (this.question.open) this.question.hide();
    else this.askToLeave();
  }

  private tick = (): void => {
    if (this.screen === 'room') this.room.tick(performance.now());
    requestAnimationFrame(this.tick);
  };
}

/** The page that is made from a mode's schema, to play it or to watch a match of it. */
const schemaPage = (mode: string, watched = '') => `/play/${encodeURIComponent(mode)}${watched && `#watch=${watched}`}`;
