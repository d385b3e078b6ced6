import { Demo } from './arena/demo.ts';
import { Game } from './game.ts';
import { Controls } from './input/controls.ts';
import { Touch } from './input/touch.ts';
import { read, write } from './kept.ts';
import { Renderer } from './render/renderer.ts';
import { Sound } from './sound/sound.ts';
import { h } from './ui/dom.ts';

/** What is seen, heard and steered: the match, or behind the menus an arena where nobody plays. */
export class Stage {
  readonly game: Game;
  readonly sound = new Sound();
  readonly controls: Controls;
  readonly touch: Touch;
  readonly muteButton = h<HTMLButtonElement>('button.mute.quiet', { type: 'button', title: 'Sound (M)', onclick: () => this.mute() });
  private readonly renderer: Renderer;
  private readonly demo: Demo;
  private drawnAt = 0;

  /** @param leave asks whether to leave the match */
  constructor(leave: () => void) {
    const canvas = h<HTMLCanvasElement>('canvas.arena');
    document.body.append(canvas);
    this.renderer = new Renderer(canvas);
    this.demo = new Demo(this.renderer.effects);
    this.controls = new Controls(canvas);
    this.touch = new Touch(canvas, this.controls, leave, (held) => { this.game.scoresHeld = held; });
    this.game = new Game(this.renderer, this.controls, this.sound);
    addEventListener('keyup', (e) => { if (e.code === 'Tab') this.game.scoresHeld = false; });
    addEventListener('blur', () => { this.game.scoresHeld = false; });
    addEventListener('pointerdown', () => this.sound.wake());
    addEventListener('keydown', () => this.sound.wake());
    this.sound.setMuted(read('muster.muted') === '1');
    this.showMute();
  }

  /** Draws from now on. */
  run(): void {
    requestAnimationFrame((now) => { this.drawnAt = now; this.draw(now); });
  }

  mute(): void {
    this.sound.setMuted(!this.sound.muted);
    write('muster.muted', this.sound.muted ? '1' : '0');
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
    requestAnimationFrame(this.draw);
  };
}
