import { ApiError, Client, listModes, type Match, type Mode, type Over, type Reason, Session, type State } from '@muster/client';
import { Demo } from './arena/demo.ts';
import { Game } from './game.ts';
import { Controls } from './input/controls.ts';
import { Touch } from './input/touch.ts';
import { Renderer } from './render/renderer.ts';
import { Sound } from './sound/sound.ts';
import { Banner, explain } from './ui/banner.ts';
import { h, show } from './ui/dom.ts';
import { Menu } from './ui/menu.ts';
import { ResultScreen } from './ui/result.ts';
import { RoomScreen } from './ui/room.ts';

type Screen = 'menu' | 'room' | 'game' | 'result';

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
  private readonly muteButton = h<HTMLButtonElement>('button.mute.quiet', { type: 'button', title: 'Sound (M)', onclick: () => this.mute() });
  private session?: Session;
  private modes: Mode[] = [];
  private mode = '';
  private drawnAt = 0;

  constructor() {
    const canvas = h<HTMLCanvasElement>('canvas.arena');
    document.body.append(canvas);
    this.renderer = new Renderer(canvas);
    this.demo = new Demo(this.renderer.effects);
    this.controls = new Controls(canvas);
    this.touch = new Touch(canvas, this.controls);
    this.game = new Game(this.renderer, this.controls, this.sound);
    document.body.append(this.game.hud.root, this.touch.root, this.menu.root, this.room.root, this.result.root, this.banner.root, this.muteButton);
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
  }

  /** Lists the modes, as soon as the server answers. */
  private async offer(): Promise<void> {
    for (let attempt = 0; this.modes.length === 0; attempt++) {
      try {
        this.modes = await listModes(location.origin);
      } catch (e) {
        this.menu.say(e instanceof ApiError && e.status !== 0 ? e.message : 'The server is away. Trying again…', true);
        const wait = e instanceof ApiError && e.retryAfter > 0 ? e.retryAfter * 1000 : 1000 + Math.min(5000, 500 * 2 ** attempt) * Math.random();
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    this.menu.offer(this.modes);
  }

  private async play(name: string, mode: string): Promise<void> {
    if (!mode.startsWith('arena')) {
      location.href = `/play/${encodeURIComponent(mode)}`;
      return;
    }
    this.mode = mode;
    this.banner.hide();
    try {
      if (this.session?.player.name !== name) {
        this.client?.close();
        this.client = undefined;
        this.session = await Session.guest(location.origin, name);
      }
      this.client ??= this.connect(this.session);
      this.show('room');
      await this.client.play(mode);
    } catch (e) {
      this.toMenu();
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
    client.on('notice', (n) => this.banner.say(n.text));
    client.on('refused', (r) => this.toMenu(r.text));
    client.on('goodbye', (r) => { if (this.client === client) this.goodbye(r); });
    return client;
  }

  private stateChanged(state: State): void {
    if (state !== 'connecting' && state !== 'closed') this.banner.hide();
    this.controls.enabled = state === 'playing';
    this.showRoom();
  }

  private showRoom(): void {
    const title = this.modes.find((m) => m.name === this.mode)?.title ?? this.mode;
    if (this.screen === 'room') this.room.update(this.client!.state, title, this.client!.room);
  }

  private joined(match: Match): void {
    this.game.joined(match);
    if (this.screen !== 'game') this.sound.play('go');
    this.controls.release();
  }

  private frame(match: Match): void {
    if (!this.game.frame(match)) {
      location.href = `/play/${encodeURIComponent(match.joined.mode)}`;
      return;
    }
    if (this.screen !== 'game') this.show('game');
  }

  private over(over: Over): void {
    const places = this.game.over(over);
    if (over.why === 'left') return this.toMenu();
    this.show('result');
    this.result.open(over, places);
  }

  private goodbye(r: Reason & { again?: number }): void {
    if (r.again !== undefined) {
      // Short losses heal unseen.
      setTimeout(() => { if (this.client?.state === 'connecting') this.banner.say(`${explain(r)} Coming back…`); }, 400);
      return;
    }
    this.client = undefined;
    const mode = this.mode, name = this.session!.player.name;
    this.toMenu();
    this.banner.say(explain(r), { name: 'Connect again', run: () => { if (mode) void this.play(name, mode); } });
  }

  private async again(): Promise<void> {
    await this.play(this.session!.player.name, this.mode);
  }

  private async back(): Promise<void> {
    this.toMenu();
    await this.client?.cancel();
  }

  private toMenu(why = ''): void {
    this.show('menu');
    this.menu.open();
    if (this.modes.length > 0) this.menu.say(why, why !== '');
  }

  private show(screen: Screen): void {
    this.screen = screen;
    show(this.menu.root, screen === 'menu');
    show(this.room.root, screen === 'room');
    show(this.result.root, screen === 'result');
    show(this.game.hud.root, screen === 'game');
    show(this.touch.root, screen === 'game' && this.touch.used);
    document.body.dataset.screen = screen;
    (document.activeElement as HTMLElement | null)?.blur();
    this.showRoom();
  }

  private key(e: KeyboardEvent): void {
    if (e.target instanceof HTMLInputElement && e.target.type !== 'radio') return;
    if (e.code === 'KeyM' && !e.ctrlKey && !e.metaKey) this.mute();
    if (e.code === 'F3') { e.preventDefault(); this.game.net.toggle(); }
    if (this.screen === 'game' && e.code === 'Tab') { e.preventDefault(); this.game.scoresHeld = true; }
    if (this.screen === 'game' && e.code === 'Escape') this.banner.say('Leave the match?', { name: 'Leave', run: () => this.client?.leave() });
    else if (e.code === 'Escape') this.banner.hide();
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
    } else {
      const eye = this.demo.eye;
      this.demo.update(seconds);
      this.renderer.camera.follow(eye.x, eye.y, 0, 0, seconds);
      this.renderer.draw(this.demo.scene, seconds);
    }
    requestAnimationFrame(this.draw);
  };
}
