import { ApiError, Client, listModes, type Match, type Mode, type Over, type Reason, Session, type State } from '@muster/client';
import { Demo } from './arena/demo.ts';
import { Game } from './game.ts';
import { Controls } from './input/controls.ts';
import { Touch } from './input/touch.ts';
import { type Kept, keep, recall } from './kept.ts';
import { Renderer } from './render/renderer.ts';
import { Sound } from './sound/sound.ts';
import { Banner, explain, gone, telling } from './ui/banner.ts';
import { h, show } from './ui/dom.ts';
import { Menu, isArena } from './ui/menu.ts';
import { ResultScreen } from './ui/result.ts';
import { RoomScreen } from './ui/room.ts';

type Screen = 'menu' | 'room' | 'game' | 'result';

const AWAY = 'The server cannot be reached. Trying again…';
/** How long a question or a piece of news may stand above a match. */
const QUESTION_S = 8, NEWS_S = 10;

/** The page at /: from the name to the match and back. */
export class App {
  readonly game: Game;
  client?: Client;
  screen: Screen = 'menu';

  private readonly renderer: Renderer;
  private readonly demo: Demo;
  private readonly sound = new Sound();
  private readonly controls: Controls;
  private readonly touch: Touch;
  private readonly menu = new Menu((name, mode) => void this.play(name, mode));
  private readonly room = new RoomScreen(() => void this.back(), () => this.sound.play('tick'));
  private readonly result = new ResultScreen(() => void this.again(), () => this.toMenu());
  private readonly banner = new Banner();
  private readonly question = new Banner();
  private readonly muteButton = h<HTMLButtonElement>('button.mute.quiet', { type: 'button', title: 'Sound (M)', onclick: () => this.mute() });
  private session?: Session;
  private modes: Mode[] = [];
  private mode = '';
  private drawnAt = 0;
  private offering = false;
  /** Until the match of before the page was loaded anew is there, or gone. */
  private returning = false;
  /** Who has the seat: the server may come to know us as someone else. */
  private seated = '';
  /** Why the connection was lost: while it is, and what it was the last time. */
  private lost?: Reason;
  private lastLost?: Reason;

  constructor() {
    const canvas = h<HTMLCanvasElement>('canvas.arena');
    document.body.append(canvas);
    this.renderer = new Renderer(canvas);
    this.demo = new Demo(this.renderer.effects);
    this.controls = new Controls(canvas);
    this.touch = new Touch(canvas, this.controls, () => this.askToLeave(), (held) => { this.game.scoresHeld = held; });
    this.game = new Game(this.renderer, this.controls, this.sound);
    document.body.append(this.game.hud.root, this.touch.root, this.menu.root, this.room.root, this.result.root,
      h('div.banners', null, this.question.root, this.banner.root), this.muteButton);
    addEventListener('keydown', (e) => this.key(e));
    addEventListener('keyup', (e) => { if (e.code === 'Tab') this.game.scoresHeld = false; });
    addEventListener('blur', () => { this.game.scoresHeld = false; });
    addEventListener('pointerdown', () => this.sound.wake());
    addEventListener('keydown', () => this.sound.wake());
    this.sound.setMuted(localStorage.getItem('muster.muted') === '1');
    this.showMute();
  }

  start(): void {
    this.toMenu();
    requestAnimationFrame((now) => { this.drawnAt = now; this.draw(now); });
    void this.offer();
    const was = recall();
    if (was) this.takeUp(was);
  }

  /** Is who one was before the page was loaded anew, and where one was. */
  private takeUp(was: Kept): void {
    this.session = this.known(Session.restore(location.origin, was.session));
    this.mode = was.mode;
    if (!was.place) return;
    this.returning = true;
    this.client = this.connect(this.session);
    this.room.begin(performance.now());
    this.show('room');
    this.client.resume(was.place.match, was.place.url);
  }

  /** A session that is kept from now on, as it is renewed. */
  private known(session: Session): Session {
    session.changed = () => this.keep();
    return session;
  }

  private keep(): void {
    if (this.session) keep({ session: this.session.saved(), mode: this.mode, place: this.client?.place });
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
    document.body.dataset.look = this.modes.some((m) => isArena(m.name)) ? 'arena' : 'plain';
  }

  private async play(name: string, mode: string): Promise<void> {
    if (!isArena(mode)) {
      location.href = `/play/${encodeURIComponent(mode)}`;
      return;
    }
    this.mode = mode;
    this.banner.hide();
    try {
      if (this.session?.player.name !== name) {
        this.client?.close();
        this.client = undefined;
        this.session = this.known(await Session.guest(location.origin, name));
      }
      this.client ??= this.connect(this.session);
      this.room.begin(performance.now());
      this.show('room');
      await this.client.play(mode);
    } catch (e) {
      this.failed(e);
    }
  }

  private failed(e: unknown): void {
    this.toMenu();
    if (e instanceof ApiError && e.status === 0) {
      this.menu.say(AWAY, true);
      void this.offer(AWAY);
    } else {
      this.menu.say(e instanceof ApiError ? e.message : 'That did not work. Please try again.', true);
    }
  }

  private connect(session: Session): Client {
    const client = new Client(session);
    client.on('state', (s) => { if (this.client === client) this.stateChanged(s); });
    client.on('room', () => this.showRoom());
    client.on('joined', (m) => this.joined(m));
    client.on('frame', (m) => this.frame(m));
    client.on('roster', () => this.game.rosterChanged());
    client.on('over', (over) => this.over(over));
    client.on('notice', (n) => this.banner.say(n.text, NEWS_S));
    client.on('refused', (r) => this.refused(r));
    client.on('goodbye', (r) => { if (this.client === client) this.goodbye(r); });
    return client;
  }

  private stateChanged(state: State): void {
    if (state !== 'connecting' && state !== 'closed') {
      this.banner.hide();
      this.lastLost = this.lost;
      this.lost = undefined;
    }
    this.keep();
    this.controls.enabled = state === 'playing';
    this.showRoom();
  }

  private showRoom(): void {
    if (this.screen !== 'room' || !this.client) return;
    const mode = this.modes.find((m) => m.name === this.mode), { state, room } = this.client;
    this.room.update({ state, room, title: mode?.title ?? this.mode, seats: mode?.seats ?? 0, returning: this.returning });
  }

  private joined(match: Match): void {
    this.seated = this.session!.player.id;
    this.game.joined(match);
    if (this.screen !== 'game') this.sound.play('go');
    this.controls.release();
  }

  private frame(match: Match): void {
    if (!this.game.frame(match)) {
      location.href = `/play/${encodeURIComponent(match.joined.mode)}`;
      return;
    }
    this.returning = false;
    if (this.screen !== 'game') this.show('game');
  }

  /** No seat: of a search that failed, or of a match that one comes back to too late. */
  private refused(r: { code: string; text: string }): void {
    const quiet = this.returning, away = this.screen === 'game';
    this.toMenu(quiet ? '' : away ? gone(r, this.lastLost, this.session!.player.id !== this.seated) : r.text);
  }

  private over(over: Over): void {
    const places = this.game.over(over);
    if (over.why === 'left') return this.toMenu();
    this.show('result');
    this.result.open(over, places);
  }

  private goodbye(r: Reason & { again?: number }): void {
    const why = this.lost = telling(this.lost, r);
    if (r.again !== undefined) {
      // Short losses heal unseen.
      setTimeout(() => { if (this.client?.state === 'connecting') this.banner.say(`${explain(why)} Coming back…`); }, 400);
      return;
    }
    this.client = this.lost = undefined;
    const mode = this.mode, name = this.session!.player.name;
    this.toMenu();
    this.banner.say(explain(why), 0, { name: 'Connect again', run: () => { if (mode) void this.play(name, mode); } });
  }

  private async again(): Promise<void> {
    await this.play(this.session!.player.name, this.mode);
  }

  private async back(): Promise<void> {
    if (this.returning) { // there is no ticket to take back, and the seat is not wanted
      this.client?.close();
      this.client = undefined;
    }
    this.toMenu();
    await this.client?.cancel();
  }

  private askToLeave(): void {
    this.question.say('Leave the match?', QUESTION_S, { name: 'Stay', key: 'Esc', run: () => {} },
      { name: 'Leave', key: 'Enter', run: () => this.client?.leave() });
  }

  private toMenu(why = ''): void {
    this.returning = false;
    this.game.end();
    this.show('menu');
    this.menu.open();
    if (!this.offering || why !== '') this.menu.say(why, why !== '');
  }

  private show(screen: Screen): void {
    this.screen = screen;
    show(this.menu.root, screen === 'menu');
    show(this.room.root, screen === 'room');
    show(this.result.root, screen === 'result');
    show(this.game.hud.root, screen === 'game');
    show(this.touch.root, screen === 'game' && this.touch.used);
    if (screen !== 'game') this.question.hide();
    document.body.dataset.screen = screen;
    (document.activeElement as HTMLElement | null)?.blur();
    this.showRoom();
  }

  private key(e: KeyboardEvent): void {
    if (e.target instanceof HTMLInputElement && e.target.type !== 'radio') return;
    if (e.code === 'KeyM' && !e.ctrlKey && !e.metaKey) this.mute();
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

  private mute(): void {
    this.sound.setMuted(!this.sound.muted);
    localStorage.setItem('muster.muted', this.sound.muted ? '1' : '0');
    this.showMute();
  }

  private showMute(): void {
    this.muteButton.textContent = this.sound.muted ? 'Sound off' : 'Sound on';
  }

  private draw = (now: number): void => {
    const seconds = Math.min(0.1, Math.max(0, (now - this.drawnAt) / 1000));
    this.drawnAt = now;
    if (this.game.world) {
      this.game.draw(performance.now(), seconds);
      if (this.touch.used) this.touch.ready(this.game.world.ready);
    } else if (document.body.dataset.look === 'arena') {
      const eye = this.demo.eye;
      this.demo.update(seconds);
      this.renderer.camera.follow(eye.x, eye.y, 0, 0, seconds);
      this.renderer.draw(this.demo.scene, seconds);
    }
    if (this.screen === 'room') this.room.tick(performance.now());
    requestAnimationFrame(this.draw);
  };
}
