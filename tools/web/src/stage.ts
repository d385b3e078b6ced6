import { Demo } from './arena/demo.ts';
import { ArenaView } from './arena/view.ts';
import { read, write } from './kept.ts';
import { Screen } from './render/screen.ts';
import { Sound } from './sound/sound.ts';
import { SwarmView } from './swarm/view.ts';
import { h } from './ui/dom.ts';
import { type View, kindOf } from './view.ts';

/** What is seen, heard and steered: the match, or behind the menus an arena where nobody plays. */
export class Stage {
  readonly sound = new Sound();
  readonly muteButton = h<HTMLButtonElement>('button.mute.quiet', { type: 'button', title: 'Sound (M)', onclick: () => this.mute() });
  /** That of the match, or of the last one. */
  view: View;
  /** What is above the canvas: the view's. */
  readonly above = h('div');
  private readonly arena: ArenaView;
  private readonly swarm: SwarmView;
  private readonly demo: Demo;
  private drawnAt = 0;

  /** @param leave asks whether to leave the match */
  constructor(leave: () => void) {
    const canvas = h<HTMLCanvasElement>('canvas.arena');
    document.body.append(canvas);
    const screen = new Screen(canvas);
    this.view = this.arena = new ArenaView(screen, this.sound, leave);
    this.above.append(this.view.root, this.view.touch.root);
    this.swarm = new SwarmView(screen, this.sound, leave);
    this.demo = new Demo(this.arena.renderer.effects);
    addEventListener('keyup', (e) => { if (e.code === 'Tab') this.view.scoresHeld = false; });
    addEventListener('blur', () => { this.view.scoresHeld = false; });
    addEventListener('pointerdown', () => this.sound.wake());
    addEventListener('keydown', () => this.sound.wake());
    this.sound.setMuted(read('muster.muted') === '1');
    this.showMute();
  }

  /** Turns to the view of a mode. */
  set(mode: string): View {
    const { enabled } = this.view.controls;
    this.view.controls.enabled = false;
    this.view = kindOf(mode) === 'swarm' ? this.swarm : this.arena;
    this.view.controls.enabled = enabled;
    this.above.replaceChildren(this.view.root, this.view.touch.root);
    document.body.dataset.kind = kindOf(mode) ?? '';
    return this.view;
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
    if (this.view.match) {
      this.view.draw(performance.now(), seconds);
    } else if (document.body.dataset.look === 'arena') {
      const eye = this.demo.eye, { renderer } = this.arena;
      this.demo.update(seconds);
      renderer.camera.follow(eye.x, eye.y, 0, 0, seconds);
      renderer.draw(this.demo.scene, seconds);
    }
    requestAnimationFrame(this.draw);
  };
}
