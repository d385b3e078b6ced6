// A frame's parts as they come over the wire: head, body, event segments.

import { MalformedError, Reader, bitLength, lowestBit, popcount, readSlots } from './pack.ts';
import type { Layout } from './schema.ts';
import type { GameEvent } from './snapshot.ts';

/** The flags of a frame's kind. */
export const Kind = { keyframe: 1, linear: 2, hashed: 4, events: 8, gap: 16, cells: 32, all: 63 } as const;

/** Opens every frame; the only part made for one client. */
export class Head {
  kind = 0;
  /** Of the frame, modulo 128. */
  tick = 0;
  /** Ticks since the base; 0 in a keyframe. */
  age = 0;
  /** Sequence of the last input taken, modulo 128. */
  ack = 0;
  /** Eighths of a tick that inputs wait beyond what is needed. */
  slack = 0;
  /** How many own columns change, which, and by how much. */
  owns = 0;
  readonly ownColumn = new Uint8Array(64);
  readonly ownBy = new Int32Array(64);
  hash = 0;

  has(flag: number): boolean {
    return (this.kind & flag) !== 0;
  }

  read(r: Reader, ownColumns: number): void {
    const n = r.array();
    this.kind = r.int(0, Kind.all);
    this.tick = r.int(0, 127);
    this.age = r.int(0, 127);
    this.ack = r.int(0, 127);
    this.slack = r.int(-128, 127);
    this.readOwn(r, ownColumns);
    const used = this.has(Kind.hashed) ? 7 : 6;
    if (used === 7) this.hash = r.int(0, 0xffffffff);
    if (n < used) throw new MalformedError('wrong number of elements');
    r.skip(n - used);
  }

  private readOwn(r: Reader, ownColumns: number): void {
    this.owns = 0;
    if (r.nil()) return;
    const n = r.array();
    r.mask();
    const low = r.maskLow, high = r.maskHigh;
    if (bitLength(low, high) > ownColumns || popcount(low) + popcount(high) !== n - 1) {
      throw new MalformedError('wrong number of elements');
    }
    for (let m = low; m !== 0; m &= m - 1) this.ownColumn[this.owns++] = lowestBit(m);
    for (let m = high; m !== 0; m &= m - 1) this.ownColumn[this.owns++] = 32 + lowestBit(m);
    for (let i = 0; i < this.owns; i++) this.ownBy[i] = r.zigzag();
  }
}

/** What a body changes. Made once for a layout, filled again by each frame. */
export class Delta {
  /** Only in a keyframe. */
  tick = 0;
  epoch = 0;

  changes = 0;
  readonly changeColumn: Uint8Array;
  readonly changeSlot: Uint16Array;
  readonly changeBy: Int32Array;
  spawns = 0;
  readonly spawnTable: Uint8Array;
  readonly spawnSlot: Uint16Array;
  /** The spawned rows' values, row after row. */
  values = 0;
  readonly value: Int32Array;
  despawns = 0;
  readonly despawnTable: Uint8Array;
  readonly despawnSlot: Uint16Array;

  constructor(private readonly layout: Layout) {
    const cells = layout.cells, slots = layout.slots;
    this.changeColumn = new Uint8Array(cells);
    this.changeSlot = new Uint16Array(cells);
    this.changeBy = new Int32Array(cells);
    this.spawnTable = new Uint8Array(slots);
    this.spawnSlot = new Uint16Array(slots);
    this.value = new Int32Array(cells);
    this.despawnTable = new Uint8Array(slots);
    this.despawnSlot = new Uint16Array(slots);
  }

  /** Reads a body. What it accepts fits the layout. */
  read(r: Reader, key: boolean, tick: number): void {
    this.changes = this.spawns = this.values = this.despawns = 0;
    const n = r.array();
    if (key) {
      tick = this.tick = r.int(0, 0xffffffff);
      this.epoch = r.int(0, 0xffffffff);
    }
    const used = key ? 5 : 3;
    this.readColumns(r);
    this.readSpawns(r, tick);
    this.readDespawns(r);
    if (n < used || (key && this.changes > 0)) throw new MalformedError('wrong number of elements');
    r.skip(n - used);
  }

  private readColumns(r: Reader): void {
    let left = r.array();
    if (left === 0) return;
    r.mask();
    left--;
    const low = r.maskLow, high = r.maskHigh;
    if (bitLength(low, high) > this.layout.shared.length) throw new MalformedError('number out of range');
    for (let m = low; m !== 0; m &= m - 1) left = this.readColumn(r, lowestBit(m), left - 1);
    for (let m = high; m !== 0; m &= m - 1) left = this.readColumn(r, 32 + lowestBit(m), left - 1);
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }

  /** Reads one column's changes, at most so many, and returns how many more there may be. */
  private readColumn(r: Reader, column: number, most: number): number {
    const t = this.layout.tables[this.layout.shared[column].table], first = this.changes;
    if (t.spatial) throw new MalformedError('a row of the plane in a body');
    this.changes = readSlots(r, t.capacity, most, this.changeSlot, first);
    this.changeColumn.fill(column, first, this.changes);
    for (let i = first; i < this.changes; i++) this.changeBy[i] = r.zigzag();
    return most - (this.changes - first);
  }

  private readSpawns(r: Reader, tick: number): void {
    let left = r.array();
    let last = -1;
    while (left > 0) {
      last = this.readRef(r, last, this.spawnTable, this.spawnSlot, this.spawns);
      const columns = this.layout.tables[this.spawnTable[this.spawns++]].columns;
      left -= 2 + columns.length;
      if (left < 0) break;
      for (const c of columns) {
        const v = r.zigzag();
        this.value[this.values++] = c.tick ? tick - v : v;
      }
    }
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }

  private readDespawns(r: Reader): void {
    let left = r.array();
    for (let last = -1; left > 1; left -= 2) {
      last = this.readRef(r, last, this.despawnTable, this.despawnSlot, this.despawns++);
    }
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }

  /** Reads the next row of a list that ascends, and returns its place in the order. */
  private readRef(r: Reader, last: number, tables: Uint8Array, slots: Uint16Array, i: number): number {
    const table = r.int(0, this.layout.tables.length - 1);
    const t = this.layout.tables[table];
    const slot = r.int(0, t.capacity - 1);
    const order = t.slot + slot;
    if (!t.shared || t.spatial || order <= last) throw new MalformedError('rows out of order');
    tables[i] = table;
    slots[i] = slot;
    return order;
  }
}

/** Reads all event segments that are left of a frame of tick now. */
export function readEvents(r: Reader, now: number, layout: Layout): GameEvent[] {
  const events: GameEvent[] = [];
  const kinds = layout.schema.events;
  let last = Math.max(now - 128, -1);
  while (r.left > 0) {
    let left = r.array() - 1;
    const tick = now - ((now - r.int(0, 127)) & 127);
    if (tick <= last) throw new MalformedError('events out of order');
    last = tick;
    while (left > 0) {
      const kind = r.int(0, kinds.length - 1);
      left -= 1 + kinds[kind].args.length;
      if (left < 0) break;
      events.push({ tick, kind, args: kinds[kind].args.map(() => r.int32()) });
    }
    if (left !== 0) throw new MalformedError('wrong number of elements');
  }
  return events;
}
