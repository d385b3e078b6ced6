// Draws the rows of any table that has columns x and y, as dots: scaled to what
// was seen so far or, where the schema has a space, to the cells that are held.

import { type Match, type Space, between } from '@muster/client';
import { h } from '../ui/dom.ts';

const COLORS = ['#46d9ff', '#ffc14d', '#4ade80', '#ff6ad5', '#ff6b57', '#9b8cff'];

/** r is the column of a radius, -1 where there is none. */
interface Plotted { table: number; x: number; y: number; r: number; name: string; color: string; seats: boolean }
interface Scale { x: (v: number) => number; y: (v: number) => number; by: number }

export class Picture {
  readonly canvas = h<HTMLCanvasElement>('canvas.picture');
  private readonly ctx = this.canvas.getContext('2d')!;
  private plotted: Plotted[] = [];
  private bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };

  offer(match: Match): void {
    const tables = match.mirror.layout.tables;
    const seats = Math.max(0, ...match.roster.keys()) + 1;
    this.plotted = [];
    this.bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    tables.forEach((t, table) => {
      const named = (name: RegExp) => t.columns.findIndex((c) => name.test(c.name));
      const x = t.spatial ? t.x : named(/^x$/), y = t.spatial ? t.y : named(/^y$/);
      if (!t.shared || x < 0 || y < 0) return;
      const color = COLORS[this.plotted.length % COLORS.length];
      // A table with a row for each seat is of the players, most likely.
      this.plotted.push({ table, x, y, r: named(/^(r|radius)$/), name: t.name, color, seats: t.capacity === seats || /player/i.test(t.name) });
    });
  }

  draw(match: Match, now: number): void {
    const ratio = devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== width * ratio) this.canvas.width = width * ratio;
    if (this.canvas.height !== height * ratio) this.canvas.height = height * ratio;
    const c = this.ctx;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    const { space } = match.joined.schema;
    if (space) this.window(match, space);
    else this.measure(match);
    c.font = '12px system-ui, sans-serif';
    if (this.plotted.length === 0 || this.bounds.left > this.bounds.right) {
      c.fillStyle = '#9fb0d3';
      c.fillText(this.plotted.length === 0 ? 'No table has columns x and y; see the tables beside.' : 'No rows yet.', 20, 30);
      return;
    }
    const scale = this.scale(width, height);
    if (space) this.cells(match, space, scale);
    this.rows(match, now, scale);
    this.legend(height);
  }

  private measure(match: Match): void {
    const b = this.bounds, s = match.mirror.now;
    for (const p of this.plotted) {
      const xs = s.col(p.table, p.x), ys = s.col(p.table, p.y);
      for (let i = s.next(p.table, -1); i >= 0; i = s.next(p.table, i)) {
        b.left = Math.min(b.left, xs[i]);
        b.right = Math.max(b.right, xs[i]);
        b.top = Math.min(b.top, ys[i]);
        b.bottom = Math.max(b.bottom, ys[i]);
      }
    }
  }

  /** What is seen is what is held. */
  private window(match: Match, space: Space): void {
    const b = this.bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    for (const cell of match.mirror.cells!.held) {
      const { x, y } = cornerOf(cell, space);
      b.left = Math.min(b.left, x);
      b.top = Math.min(b.top, y);
      b.right = Math.max(b.right, Math.min(x + space.cell, space.width));
      b.bottom = Math.max(b.bottom, Math.min(y + space.cell, space.height));
    }
  }

  /** The cells that are held, by their numbers, and the eye with what it reaches. */
  private cells(match: Match, space: Space, to: Scale): void {
    const c = this.ctx, { layout, now, cells } = match.mirror, side = space.cell * to.by;
    c.textAlign = 'left';
    for (const cell of cells!.held) {
      const { x, y } = cornerOf(cell, space);
      c.strokeStyle = 'rgba(140,172,255,0.14)';
      c.strokeRect(to.x(x), to.y(y), side, side);
      c.fillStyle = 'rgba(140,172,255,0.35)';
      c.fillText(String(cell), to.x(x) + 5, to.y(y) + 15);
    }
    const eye = layout.tables[layout.eyes], at = (column: number) => now.col(layout.eyes, column)[match.seat];
    const watches = match.seat < 0; // from the middle
    const x = to.x(watches ? space.width / 2 : at(eye.x)), y = to.y(watches ? space.height / 2 : at(eye.y)), reach = space.reach * to.by;
    c.strokeStyle = 'rgba(255,255,255,0.4)';
    c.strokeRect(x - reach, y - reach, 2 * reach, 2 * reach);
    c.beginPath();
    c.moveTo(x - 9, y); c.lineTo(x + 9, y);
    c.moveTo(x, y - 9); c.lineTo(x, y + 9);
    c.stroke();
  }

  private scale(width: number, height: number): Scale {
    const b = this.bounds, edge = 46;
    const by = Math.min((width - 2 * edge) / Math.max(1, b.right - b.left), (height - 2 * edge) / Math.max(1, b.bottom - b.top));
    const x = (v: number) => width / 2 + (v - (b.left + b.right) / 2) * by;
    const y = (v: number) => height / 2 + (v - (b.top + b.bottom) / 2) * by;
    const c = this.ctx;
    c.strokeStyle = 'rgba(140,172,255,0.18)';
    c.strokeRect(x(b.left) - 12, y(b.top) - 12, (b.right - b.left) * by + 24, (b.bottom - b.top) * by + 24);
    c.fillStyle = '#6b7da6';
    c.textAlign = 'left';
    c.fillText(`${b.left}, ${b.top}`, x(b.left) - 12, y(b.top) - 17);
    c.textAlign = 'right';
    c.fillText(`${b.right}, ${b.bottom}`, x(b.right) + 12, y(b.bottom) + 26);
    return { x, y, by };
  }

  private rows(match: Match, now: number, to: Scale): void {
    const c = this.ctx, m = match.timeline.at(match.mirror, now);
    c.textAlign = 'center';
    for (const p of this.plotted) {
      for (let i = m.to.next(p.table, -1); i >= 0; i = m.to.next(p.table, i)) {
        const x = to.x(between(m, p.table, p.x, i)), y = to.y(between(m, p.table, p.y, i));
        const mine = p.seats && i === match.seat;
        c.fillStyle = p.color;
        c.globalAlpha = p.seats ? 1 : 0.8;
        c.beginPath();
        const r = p.r < 0 ? 0 : between(m, p.table, p.r, i) * to.by;
        c.arc(x, y, Math.max(r, mine ? 8 : p.seats ? 6 : 4), 0, 7);
        c.fill();
        c.globalAlpha = 1;
        if (mine) { c.strokeStyle = '#fff'; c.lineWidth = 2; c.stroke(); c.lineWidth = 1; }
        if (p.seats) { c.fillStyle = '#c9d5ee'; c.fillText(match.roster.get(i)?.name ?? String(i), x, y - 12); }
      }
    }
  }

  private legend(height: number): void {
    this.ctx.textAlign = 'left';
    this.plotted.forEach((p, i) => {
      this.ctx.fillStyle = p.color;
      this.ctx.fillRect(14 + i * 110, height - 18, 10, 10);
      this.ctx.fillStyle = '#9fb0d3';
      this.ctx.fillText(p.name, 30 + i * 110, height - 9);
    });
  }
}

/** The upper left corner of a cell. */
function cornerOf(cell: number, space: Space): { x: number; y: number } {
  const columns = Math.ceil(space.width / space.cell);
  return { x: cell % columns * space.cell, y: Math.floor(cell / columns) * space.cell };
}
