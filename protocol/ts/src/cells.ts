// What a client holds of a plane that is sent by cells. Each cell is a little
// world of its own, told of when the server finds the time; what is shown is
// all of them together.

import { MalformedError, type Reader, bitLength, lowestBit, readSlots } from './pack.ts';
import type { Layout, TableLayout } from './schema.ts';
import { type Snapshot, HASH_SEED, mix } from './snapshot.ts';

/** A row as its cell tells of it. */
interface Member {
  readonly slot: number;
  /** Numbers the rows that have lived in the slot, modulo 128. */
  readonly gen: number;
  readonly values: Int32Array;
  /** The values before the last segment of the cell; the same where that did not change any. */
  readonly before: Int32Array;
}

/** The rows of a cell at one tick: of each spatial table, by slot. */
type Rows = readonly (readonly Member[])[];

/** What a frame says of one cell. */
interface Told {
  cell: number;
  /** Ticks since the cell was as it was held; 0 where nothing is presumed. */
  age: number;
  rows: Rows;
  /** Of the rows; undefined where it is not told. */
  hash?: number;
}

/** Which of the spatial tables a column belongs to, by its number on the wire. */
interface SpatialColumn { at: number; column: number }

const NONE = -1;
/** Rows that are told anew are taken to have moved for so many ticks at most. */
const LONGEST = 8;

/** The cells that a client holds. Frames are read first, and applied when all of them is known to be well-formed. */
export class Cells {
  private readonly tables: number[] = [];
  private readonly columns: SpatialColumn[] = [];
  private readonly nothing: Rows;
  private readonly count: number;
  private readonly kept = new Map<number, Rows>();
  /** By a row's place among all slots: the cell that claimed it last, and its generation. */
  private readonly owner: Int16Array;
  private readonly gens: Uint8Array;

  private fresh = false;
  private drops: number[] = [];
  private told: Told[] = [];
  private readonly local = new Uint16Array(0x4000);

  constructor(private readonly layout: Layout) {
    layout.tables.forEach((t, ti) => {
      if (!t.spatial) return;
      t.columns.forEach((_, column) => this.columns.push({ at: this.tables.length, column }));
      this.tables.push(ti);
    });
    const s = layout.schema.space!;
    this.count = Math.ceil(s.width / s.cell) * Math.ceil(s.height / s.cell);
    this.nothing = this.tables.map(() => []);
    this.owner = new Int16Array(layout.slots).fill(NONE);
    this.gens = new Uint8Array(layout.slots);
  }

  /** The numbers of the cells that are held. */
  get held(): number[] {
    return [...this.kept.keys()];
  }

  /** A cell's copy: rows as [table, slot, generation, value…], by table and slot. */
  rows(cell: number): number[][] {
    const list: number[][] = [];
    this.each(this.kept.get(cell) ?? this.nothing, (_, m, table) => list.push([table, m.slot, m.gen, ...m.values]));
    return list;
  }

  /** The hash of a cell's copy. */
  hash(cell: number): number {
    let h = HASH_SEED;
    this.each(this.kept.get(cell) ?? this.nothing, (_, m, table) => {
      h = mix(mix(h, table), m.slot);
      for (const v of m.values) h = mix(h, v);
    });
    return h >>> 0;
  }

  /** Comes before what a frame says; a keyframe has all cells forgotten. */
  begin(key: boolean): void {
    this.fresh = key;
    this.drops = [];
    this.told = [];
  }

  /** Reads what a frame of the tick says of cells. */
  read(r: Reader, tick: number): void {
    let left = r.array() - 1;
    if (!r.nil()) this.readDrops(r);
    for (; left > 0; left--) this.told.push(this.readSegment(r, tick));
    if (left < 0) throw new MalformedError('wrong number of elements');
  }

  private readDrops(r: Reader): void {
    for (let n = r.array(); n > 0; n--) {
      const cell = this.readCell(r);
      this.copy(cell);
      this.drops.push(cell);
    }
  }

  private readCell(r: Reader): number {
    return r.int(0, this.count - 1);
  }

  private readSegment(r: Reader, tick: number): Told {
    const n = r.array();
    if (n < 2) throw new MalformedError('wrong number of elements');
    const cell = this.readCell(r), stride = r.int(-127, 127), age = Math.abs(stride);
    if (this.told.some((t) => t.cell === cell)) throw new MalformedError('a cell told twice');
    const base = this.base(cell, age), rows = base.map((of, at) => of.map((m) => this.moveOn(m, at, stride < 0)));
    if (n > 2) this.readColumns(r, base, rows);
    const enters = n > 3 ? this.readEnters(r, tick) : this.nothing;
    if (n > 4) this.readLeaves(r, base, rows);
    const told: Told = { cell, age, rows: rows.map((of, at) => joined(of, enters[at])) };
    if (n > 5 && !r.nil()) told.hash = r.int(0, 0xffffffff);
    r.skip(n - 6);
    return told;
  }

  /** A row as a segment finds it, before it says what changed: with a linear one it has moved on as it last did. */
  private moveOn(m: Member, at: number, linear: boolean): Member {
    if (m.before === m.values) return m;
    if (!linear) return { ...m, before: m.values };
    const values = m.values.slice();
    this.table(at).columns.forEach((c, i) => { if (c.linear) values[i] += m.values[i] - m.before[i]; });
    return { ...m, values, before: m.values };
  }

  /** What the segment of a cell is against. */
  private base(cell: number, age: number): Rows {
    return age === 0 ? this.nothing : this.copy(cell);
  }

  /** A cell's copy, of which there must be one: held, and not forgotten by this very frame. */
  private copy(cell: number): Rows {
    const rows = this.kept.get(cell);
    if (!rows || this.fresh || this.drops.includes(cell)) throw new MalformedError('a cell that is not held');
    return rows;
  }

  private readColumns(r: Reader, base: Rows, rows: Member[][]): void {
    let left = r.array();
    if (left === 0) return;
    r.mask();
    left--;
    const low = r.maskLow, high = r.maskHigh;
    if (bitLength(low, high) > this.columns.length) throw new MalformedError('number out of range');
    for (let m = low; m !== 0; m &= m - 1) left = this.readColumn(r, lowestBit(m), left - 1, base, rows);
    for (let m = high; m !== 0; m &= m - 1) left = this.readColumn(r, 32 + lowestBit(m), left - 1, base, rows);
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }

  /** Reads one column's changes, at most so many, and returns how many more there may be. */
  private readColumn(r: Reader, number: number, most: number, base: Rows, rows: Member[][]): number {
    const { at, column } = this.columns[number], of = rows[at];
    const n = readSlots(r, of.length, most, this.local, 0);
    for (let i = 0; i < n; i++) {
      const was = base[at][this.local[i]].values;
      let m = of[this.local[i]];
      if (m.values === was) of[this.local[i]] = m = { ...m, values: was.slice(), before: was };
      m.values[column] += r.zigzag();
    }
    return most - n;
  }

  private readEnters(r: Reader, tick: number): Member[][] {
    const enters: Member[][] = this.tables.map(() => []);
    let left = r.array();
    for (let last = -1; left > 0;) {
      const at = this.readTable(r), t = this.table(at), slot = r.int(0, t.capacity - 1);
      left -= 3 + t.columns.length;
      if (left < 0) break;
      last = ascending(last, t.slot + slot);
      const gen = r.int(0, 127), values = Int32Array.from(t.columns, (c) => c.tick ? tick - r.zigzag() : r.zigzag());
      enters[at].push({ slot, gen, values, before: values });
    }
    if (left !== 0) throw new MalformedError('wrong number of elements');
    return enters;
  }

  /** Reads which rows of the base have left, and takes them from the others. */
  private readLeaves(r: Reader, base: Rows, rows: Member[][]): void {
    let left = r.array();
    for (let last = -1; left > 1; left -= 2) {
      const at = this.readTable(r), i = r.int(0, base[at].length - 1), slot = base[at][i].slot;
      last = ascending(last, this.table(at).slot + slot);
      rows[at] = rows[at].filter((m) => m.slot !== slot);
    }
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }

  /** Reads a table's number, and returns which of the spatial ones it is. */
  private readTable(r: Reader): number {
    const at = this.tables.indexOf(r.int(0, this.layout.tables.length - 1));
    if (at < 0) throw new MalformedError('number out of range');
    return at;
  }

  private table(at: number): TableLayout {
    return this.layout.tables[this.tables[at]];
  }

  /** Brings the rows of the plane in s to what was read. Returns how many cells do not have the hash that they should. */
  apply(s: Snapshot): number {
    const released: Rows[] = [];
    const release = (cell: number) => {
      const rows = this.kept.get(cell);
      if (!rows) return;
      released.push(rows);
      this.kept.delete(cell);
      this.each(rows, (i) => { if (this.owner[i] === cell) this.owner[i] = NONE; });
    };
    for (const cell of this.fresh ? this.held : this.drops) release(cell);
    for (const t of this.told) release(t.cell);
    for (const t of this.told) this.claim(t, s);
    // What was given up and claimed by nobody is gone.
    for (const rows of released) this.each(rows, (i, m, table) => { if (this.owner[i] === NONE) s.despawn(table, m.slot); });
    return this.told.filter((t) => t.hash !== undefined && this.hash(t.cell) !== t.hash).length;
  }

  private claim(told: Told, s: Snapshot): void {
    this.kept.set(told.cell, told.rows);
    const cells = s.cells;
    this.each(told.rows, (i, m, table) => {
      const t = this.layout.tables[table], same = s.isLive(table, m.slot) && this.gens[i] === m.gen;
      if (!same) s.spawn(table, m.slot);
      s.tell(i, same ? Math.max(s.told[i], s.tick - (told.age || LONGEST)) : s.tick);
      this.owner[i] = told.cell;
      this.gens[i] = m.gen;
      for (let c = 0; c < m.values.length; c++) cells[t.cell + c * t.capacity + m.slot] = m.values[c];
    });
  }

  /** @param call with a row's place among all slots, itself, and its table */
  private each(rows: Rows, call: (i: number, m: Member, table: number) => void): void {
    rows.forEach((of, at) => {
      const table = this.tables[at], first = this.layout.tables[table].slot;
      for (const m of of) call(first + m.slot, m, table);
    });
  }
}

function ascending(last: number, order: number): number {
  if (order <= last) throw new MalformedError('rows out of order');
  return order;
}

/** The rows of both, by slot. One that enters takes the place of another in its slot. */
function joined(rows: Member[], enters: readonly Member[]): Member[] {
  if (enters.length === 0) return rows;
  const taken = new Set(enters.map((m) => m.slot));
  return [...rows.filter((m) => !taken.has(m.slot)), ...enters].sort((a, b) => a.slot - b.slot);
}
