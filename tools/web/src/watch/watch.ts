// What one does who watches a match: follows one player or another, or looks
// around freely, and leaves.

import type { Match } from '@muster/client';
import type { Camera } from '../render/camera.ts';
import { h, setText, show } from '../ui/dom.ts';

/** Somebody who can be followed. detail: how it does. */
export interface Followed { seat: number; name: string; color: string; detail: string }

/** Those who can be followed, as a view knows them. */
export interface Cast {
  /** In the order of seats. */
  people(): Followed[];
  /** The seat to begin with. */
  best(): number;
  /** Whose seat is shown at a place of the world, in metres; -1: nobody's. */
  at(x: number, y: number): number;
}

/** What is watched, for tests and the curious. behind: seconds after the players; the eye is in metres, scale in pixels of one. */
export interface Watched { seat: number; name: string; free: boolean; behind: number; eye: { x: number; y: number; scale: number } }

const WAYS: Record<string, [number, number]> = { KeyW: [0, -1], KeyS: [0, 1], KeyA: [-1, 0], KeyD: [1, 0] };
/** Metres a second of the free eye, and CSS pixels beyond which a press is a drag. */
const SPEED = 14, DRAG = 6;
const EVERY_MS = 250;

/** The eye of who watches, and the bar that says whom it follows. */
export class Watch {
  /** The seat that is followed; -1: nobody's. */
  seat = -1;

  private match?: Match;
  private free = false;
  private people: Followed[] = [];
  private readonly eye = { x: 0, y: 0 };
  private readonly held = new Set<string>();
  private press?: { id: number; x: number; y: number; dragged: boolean };
  private drawnAt = -1e9;

  private readonly dot = h('i.dot');
  private readonly name = h('span.who');
  private readonly detail = h('span.detail');
  private readonly label = h('p.label', { role: 'status' });
  private readonly freelyName = h('span');
  private readonly freely = h<HTMLButtonElement>('button.quiet', { type: 'button', onclick: () => this.toggle() }, this.freelyName, h('kbd', null, 'F'));
  readonly root: HTMLElement;

  /** @param leave ends the watching */
  constructor(surface: HTMLElement, private readonly camera: () => Camera, private readonly cast: Cast, leave: () => void) {
    const step = (by: number, sign: string, name: string) => h('button.quiet.step', { type: 'button', title: name, ariaLabel: name, onclick: () => this.step(by) }, sign);
    this.root = h('div.watching', { hidden: true }, this.label,
      h('div.followed', null, step(-1, '‹', 'Previous player'), h('div.whom', null, this.dot, this.name, this.detail), step(1, '›', 'Next player')),
      h('div.row', null, this.freely, h('button.quiet', { type: 'button', onclick: leave }, 'Leave', h('kbd', null, 'Esc'))));
    addEventListener('keydown', (e) => this.key(e));
    addEventListener('keyup', (e) => this.held.delete(e.code));
    addEventListener('blur', () => this.held.clear());
    surface.addEventListener('pointerdown', (e) => { if (this.match) this.press = { id: e.pointerId, x: e.clientX, y: e.clientY, dragged: false }; });
    addEventListener('pointermove', (e) => this.drag(e));
    addEventListener('pointerup', (e) => this.lift(e));
    addEventListener('pointercancel', () => { this.press = undefined; });
  }

  /** A match is joined: it may be watched, and may be the one of before a lost connection. */
  begin(match: Match): void {
    const same = this.match?.joined.match === match.joined.match;
    this.end();
    if (match.seat >= 0) return;
    this.match = match;
    if (!same) [this.seat, this.free] = [-1, false];
    this.drawnAt = -1e9;
    this.people = [];
    this.draw();
    show(this.root, true);
    document.body.dataset.watching = 'soon';
  }

  end(): void {
    this.match = this.press = undefined;
    this.held.clear();
    show(this.root, false);
    delete document.body.dataset.watching;
  }

  get watched(): Watched | undefined {
    const { x, y, scale } = this.camera();
    return this.match && { seat: this.seat, name: this.person?.name ?? '', free: this.free, behind: this.behind, eye: { x, y, scale } };
  }

  private get person(): Followed | undefined {
    return this.people.find((p) => p.seat === this.seat);
  }

  private get behind(): number {
    return (this.match!.joined.delay ?? 0) / this.match!.hz;
  }

  /** Of a plane only what is near the eye is sent: it follows somebody, or stands in the middle. */
  private get plane(): boolean {
    return this.match!.joined.schema.space !== undefined;
  }

  /** Goes on by so many seconds. @returns where a free eye is */
  look(now: number, seconds: number): { x: number; y: number } | undefined {
    if (now - this.drawnAt > EVERY_MS) {
      this.drawnAt = now;
      this.people = this.cast.people();
      if (!this.free && !this.person) this.follow(this.cast.best());
      this.draw();
    }
    for (const k of this.held) this.move(WAYS[k][0] * SPEED * seconds, WAYS[k][1] * SPEED * seconds);
    return this.free && !this.plane ? this.eye : undefined;
  }

  private follow(seat: number): void {
    this.seat = seat;
    this.free = false;
    if (this.plane) this.match!.follow(seat);
    this.draw();
  }

  /** Lets go of whom the eye follows. */
  private loosen(): void {
    const { x, y } = this.camera();
    [this.eye.x, this.eye.y] = [x, y];
    this.seat = -1;
    this.free = true;
    if (this.plane) this.match!.follow(-1);
    this.draw();
  }

  private toggle(): void {
    if (this.free) this.follow(this.cast.best());
    else this.loosen();
  }

  /** On to the next one by seats, or back. */
  private step(by: number): void {
    const people = this.people = this.cast.people(), at = people.findIndex((p) => p.seat === this.seat);
    const next = people.at(at < 0 ? Math.min(by, 0) : (at + by) % people.length);
    if (next) this.follow(next.seat);
  }

  private move(x: number, y: number): void {
    if (this.plane) return;
    if (!this.free) this.loosen();
    const { boundsX, boundsY } = this.camera();
    this.eye.x = Math.max(0, Math.min(boundsX, this.eye.x + x));
    this.eye.y = Math.max(0, Math.min(boundsY, this.eye.y + y));
  }

  private key(e: KeyboardEvent): void {
    if (!this.match || e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]')) return;
    if (e.code === 'ArrowLeft') this.step(-1);
    else if (e.code === 'ArrowRight') this.step(1);
    else if (e.code === 'KeyF' && !e.repeat && this.people.length > 0) this.toggle();
    else if (e.code in WAYS) this.held.add(e.code);
    else return;
    e.preventDefault();
  }

  private drag(e: PointerEvent): void {
    const p = this.press;
    if (!this.match || p?.id !== e.pointerId) return;
    const x = e.clientX - p.x, y = e.clientY - p.y, { scale } = this.camera();
    if (!p.dragged && Math.hypot(x, y) < DRAG) return;
    this.press = { id: p.id, x: e.clientX, y: e.clientY, dragged: true };
    this.move(-x / scale, -y / scale);
  }

  /** A press that was no drag follows whom it hits. */
  private lift(e: PointerEvent): void {
    const p = this.press, camera = this.camera();
    if (!this.match || p?.id !== e.pointerId) return;
    this.press = undefined;
    const seat = p.dragged ? -1 : this.cast.at(camera.worldX(e.clientX), camera.worldY(e.clientY));
    if (seat >= 0) this.follow(seat);
  }

  private draw(): void {
    const who = this.person, shown = this.people.length > 0, late = Math.round(this.behind), { watchers } = this.match!;
    if (shown) document.body.dataset.watching = 'now';
    setText(this.label, (late > 0 ? `Watching — ${late} s behind` : 'Watching — live') + (watchers > 1 ? `  ·  ${watchers} watch` : ''));
    setText(this.name, who?.name ?? (!shown ? 'The picture is on its way…' : this.plane ? 'The middle of the world' : 'Free camera'));
    setText(this.detail, who?.detail ?? '');
    this.dot.style.background = who?.color ?? '';
    show(this.dot, who !== undefined);
    setText(this.freelyName, this.free ? 'Follow' : this.plane ? 'Middle' : 'Free camera');
    this.freely.ariaPressed = String(this.free);
  }
}
