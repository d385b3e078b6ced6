import { Cells } from './cells.ts';
import { Delta, Head, Kind, readEvents } from './frame.ts';
import { MalformedError, Reader } from './pack.ts';
import { Layout, type Schema } from './schema.ts';
import { type GameEvent, Snapshot } from './snapshot.ts';

/**
 * A client's copy of a match: frames go in, snapshots come out. It checks
 * every view hash it is sent, and remembers the last frames, to draw others
 * between two of them.
 */
export class Mirror {
  readonly layout: Layout;
  readonly head = new Head();
  /** Those that the last frame told of, oldest first. */
  events: GameEvent[] = [];
  /** Of the last keyframe. */
  epoch = 0;
  /** What is held of the plane, where there is one. */
  readonly cells?: Cells;
  /** Hashes of the view and of cells that did not match. */
  desyncs = 0;

  private readonly reader = new Reader();
  private readonly delta: Delta;
  private readonly ring: Snapshot[];
  private newest = 0;
  /** Applied since the last keyframe, that one included. */
  private chain = 0;
  /** Of which the ring holds the last ones. */
  private total = 0;

  /** @param seat -1 for a spectator; @param keep how many snapshots to remember, at least 3 */
  constructor(schema: Schema, readonly seat: number, keep = 3) {
    const layout = new Layout(schema);
    this.layout = layout;
    this.delta = new Delta(layout);
    if (schema.space) this.cells = new Cells(layout);
    this.ring = Array.from({ length: Math.max(3, keep) }, () => new Snapshot(layout));
  }

  /** The newest snapshot. */
  get now(): Snapshot {
    return this.ring[this.newest];
  }

  /** How many snapshots there are to look back at. */
  get kept(): number {
    return Math.min(this.total, this.ring.length);
  }

  /** The snapshot of so many frames before the newest, less than kept. */
  back(frames: number): Snapshot {
    return this.ring[(this.newest - frames + this.ring.length) % this.ring.length];
  }

  /** Takes in one frame. Throws MalformedError where it does not follow the one before. */
  frame(bytes: Uint8Array): void {
    const r = this.reader, head = this.head;
    r.reset(bytes);
    head.read(r, this.layout.own.length);
    const key = head.has(Kind.keyframe);
    this.follows(key);
    let tick = (this.now.tick + ((head.tick - this.now.tick) & 127)) >>> 0;
    this.delta.read(r, key, tick);
    if (key) tick = this.delta.tick;
    this.readCells(key, tick);
    const events = this.readEvents(key, tick);
    this.apply(key, tick);
    this.events = events;
    if (head.has(Kind.hashed) && this.now.hash() !== head.hash) this.desyncs++;
  }

  private readCells(key: boolean, tick: number): void {
    this.cells?.begin(key);
    if (!this.head.has(Kind.cells)) return;
    if (!this.cells) throw new MalformedError('cells without a space');
    this.cells.read(this.reader, tick);
  }

  private readEvents(key: boolean, tick: number): GameEvent[] {
    if (!this.head.has(Kind.events)) this.reader.end();
    const events = readEvents(this.reader, tick, this.layout);
    if (!key && events.length > 0 && events[0].tick <= this.now.tick) throw new MalformedError('events told twice');
    return events;
  }

  /** Refuses a delta whose base is not the last frame. */
  private follows(key: boolean): void {
    const head = this.head, linear = head.has(Kind.linear);
    if (linear && this.cells) throw new MalformedError('a linear frame of a space');
    if (key) {
      if (linear) throw new MalformedError('a linear keyframe');
      return;
    }
    if (this.chain === 0) throw new MalformedError('a delta before any keyframe');
    const base = (head.tick - head.age) & 127;
    if (head.age === 0 || base !== (this.now.tick & 127)) throw new MalformedError('a delta of another base');
    if (linear && (this.chain < 2 || this.now.tick - this.back(1).tick !== head.age)) {
      throw new MalformedError('a linear delta without an even stride');
    }
  }

  private apply(key: boolean, tick: number): void {
    const base = this.now, prev = this.back(1);
    this.newest = (this.newest + 1) % this.ring.length;
    const next = this.now;
    if (key) {
      next.clear(base);
      this.chain = 0;
      this.epoch = this.delta.epoch;
    } else {
      next.copyFrom(base);
      if (this.head.has(Kind.linear)) next.extrapolate(prev, base);
    }
    next.tick = tick;
    this.change(next);
    this.desyncs += this.cells?.apply(next) ?? 0;
    this.chain++;
    this.total++;
  }

  private change(s: Snapshot): void {
    const d = this.delta, layout = this.layout, cells = s.cells;
    for (let i = 0; i < d.changes; i++) cells[layout.shared[d.changeColumn[i]].cell + d.changeSlot[i]] += d.changeBy[i];
    for (let i = 0; i < d.despawns; i++) s.despawn(d.despawnTable[i], d.despawnSlot[i]);
    for (let i = 0, v = 0; i < d.spawns; i++) {
      const t = layout.tables[d.spawnTable[i]];
      s.spawn(d.spawnTable[i], d.spawnSlot[i]);
      for (let c = 0; c < t.columns.length; c++) cells[t.cell + c * t.capacity + d.spawnSlot[i]] = d.value[v++];
    }
    if (this.seat < 0) return;
    for (let i = 0; i < this.head.owns; i++) cells[layout.own[this.head.ownColumn[i]].cell + this.seat] += this.head.ownBy[i];
  }
}
