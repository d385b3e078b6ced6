import { lowestBit } from './pack.ts';
import type { Layout, TableLayout } from './schema.ts';

/** What happened in a tick. */
export interface GameEvent {
  tick: number;
  /** Index in the schema's events. */
  kind: number;
  args: number[];
}

/**
 * The world as it stood at one tick, as far as this client may know it. Values
 * lie column by column in one Int32Array: a row's value of a column is at
 * `col(table, column)[slot]`.
 */
export class Snapshot {
  tick = 0;
  readonly cells: Int32Array;
  private readonly live: Int32Array;
  private readonly gens: Uint16Array;
  /**
   * By slot of all tables, where there is a plane: the tick at which a row's
   * cell last told of it, and the tick since which it had been moving there.
   * Cells are told of at rates of their own.
   */
  readonly told: Uint32Array;
  readonly since: Uint32Array;
  private readonly columns: Int32Array[][];

  constructor(readonly layout: Layout) {
    this.cells = new Int32Array(layout.cells);
    this.live = new Int32Array(layout.words);
    this.gens = new Uint16Array(layout.slots);
    this.told = new Uint32Array(layout.schema.space ? layout.slots : 0);
    this.since = new Uint32Array(this.told.length);
    this.columns = layout.tables.map((t) => t.columns.map((_, i) =>
      this.cells.subarray(t.cell + i * t.capacity, t.cell + (i + 1) * t.capacity)));
  }

  /** The values of a column by slot. They mean something where a row lives. */
  col(table: number, column: number): Int32Array {
    return this.columns[table][column];
  }

  isLive(table: number, slot: number): boolean {
    return ((this.live[this.layout.tables[table].word + (slot >> 5)] >>> (slot & 31)) & 1) !== 0;
  }

  /**
   * Numbers the rows that have lived in a slot: differs between two snapshots
   * where another row took it, or the row was teleported.
   */
  gen(table: number, slot: number): number {
    return this.gens[this.layout.tables[table].slot + slot];
  }

  /** The first live slot after the given one, or -1. Begin with -1. */
  next(table: number, slot: number): number {
    const t = this.layout.tables[table];
    slot++;
    for (let w = slot >> 5; w < t.words; w++) {
      let word = this.live[t.word + w];
      if (w === slot >> 5) word &= -1 << (slot & 31);
      if (word !== 0) return (w << 5) + lowestBit(word);
    }
    return -1;
  }

  /** How many rows live in a table. */
  count(table: number): number {
    let n = 0;
    for (let i = this.next(table, -1); i >= 0; i = this.next(table, i)) n++;
    return n;
  }

  /** Whether the same row lives in the slot here and in the other snapshot. */
  same(other: Snapshot, table: number, slot: number): boolean {
    return this.isLive(table, slot) && other.isLive(table, slot) && this.gen(table, slot) === other.gen(table, slot);
  }

  /** The view hash, by which server and client know that they hold the same. */
  hash(): number {
    let h = HASH_SEED;
    for (let ti = 0; ti < this.layout.tables.length; ti++) {
      const t = this.layout.tables[ti];
      if (!t.shared || t.spatial) continue; // cells have hashes of their own
      h = mix(h, ti);
      for (let s = this.next(ti, -1); s >= 0; s = this.next(ti, s)) h = this.hashRow(h, t, s);
    }
    return h >>> 0;
  }

  private hashRow(h: number, t: TableLayout, slot: number): number {
    h = mix(h, slot);
    for (let c = 0; c < t.columns.length; c++) h = mix(h, this.cells[t.cell + c * t.capacity + slot]);
    return h;
  }

  copyFrom(o: Snapshot): void {
    this.tick = o.tick;
    this.cells.set(o.cells);
    this.live.set(o.live);
    this.gens.set(o.gens);
    this.told.set(o.told);
    this.since.set(o.since);
  }

  /** Makes this the empty world. Generations go on from those of the other. */
  clear(o: Snapshot): void {
    this.cells.fill(0);
    this.live.fill(0);
    this.gens.set(o.gens);
  }

  spawn(table: number, slot: number): void {
    const t = this.layout.tables[table];
    this.live[t.word + (slot >> 5)] |= 1 << (slot & 31);
    this.gens[t.slot + slot]++;
  }

  despawn(table: number, slot: number): void {
    this.live[this.layout.tables[table].word + (slot >> 5)] &= ~(1 << (slot & 31));
  }

  /** Notes that a row, by its slot among all, is told of now and has moved since that tick. */
  tell(i: number, since: number): void {
    this.since[i] = since;
    this.told[i] = this.tick;
  }

  /** Moves the linear columns of rows that are the same in prev and base on as they last moved. */
  extrapolate(prev: Snapshot, base: Snapshot): void {
    for (const c of this.layout.shared) {
      if (!c.linear || this.layout.tables[c.table].spatial) continue;
      const first = this.layout.tables[c.table].slot;
      for (let s = base.next(c.table, -1); s >= 0; s = base.next(c.table, s)) {
        if (prev.gens[first + s] !== base.gens[first + s]) continue;
        const at = c.cell + s;
        this.cells[at] += base.cells[at] - prev.cells[at]; // the array wraps to int32
      }
    }
  }
}

export const HASH_SEED = 2166136261 | 0;

/** Folds one word into a hash. */
export function mix(h: number, word: number): number {
  h = Math.imul(h ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
}
