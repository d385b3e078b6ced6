import type { Match, Stats } from '@muster/client';
import { h, setText, show } from '../ui/dom.ts';

/** How the connection does: a line of figures always, the last frames as bars with F3. */
export class NetGraph {
  readonly root: HTMLElement;
  private readonly line = h('p.figures');
  private readonly more = h('p.figures');
  private readonly canvas = h<HTMLCanvasElement>('canvas', { width: 256, height: 72 });
  private readonly ctx = this.canvas.getContext('2d')!;
  private drawnAt = 0;
  open = false;

  constructor() {
    this.root = h('div.net', { title: 'Connection (F3)' }, this.line, this.more, this.canvas);
  }

  toggle(): void {
    this.open = !this.open;
  }

  update(stats: Stats, match: Match, now: number, correction: number): void {
    show(this.canvas, this.open);
    show(this.more, this.open);
    if (this.open) this.draw(stats, match.hz);
    if (now - this.drawnAt < 250) return;
    this.drawnAt = now;
    setText(this.line, `${Math.round(stats.rtt)} ms  ·  ${stats.framesPerSecond.toFixed(0)}/s  ·  ${(stats.bytesPerSecond / 1024).toFixed(1)} KB/s`);
    this.root.classList.toggle('poor', stats.worstGap > 150 || stats.rtt > 200);
    setText(this.more, `gap ${stats.worstGap.toFixed(0)} ms  ·  age ${stats.age}  ·  slack ${(stats.slack / 8).toFixed(1)}`
      + `  ·  behind ${match.timeline.delay.toFixed(0)} ms  ·  corrected ${correction.toFixed(0)}  ·  desyncs ${stats.desyncs}`);
  }

  /** Above the line the gaps between frames, below it their sizes. */
  private draw(stats: Stats, hz: number): void {
    const c = this.ctx, tick = 1000 / hz, middle = 40;
    c.clearRect(0, 0, 256, 72);
    c.fillStyle = 'rgba(255,255,255,0.12)';
    c.fillRect(0, middle - 12, 256, 1);
    for (let i = 0; i < stats.gaps.length; i++) {
      const at = (stats.at + i) % stats.gaps.length, gap = stats.gaps[at] / tick;
      c.fillStyle = gap < 1.6 ? '#4ade80' : gap < 3 ? '#ffc14d' : '#ff4d5e';
      const high = Math.min(middle, gap * 12);
      c.fillRect(i * 2, middle - high, 1.5, high);
      c.fillStyle = 'rgba(91,140,255,0.85)';
      c.fillRect(i * 2, middle + 2, 1.5, Math.min(30, stats.sizes[at] / 8));
    }
  }
}
