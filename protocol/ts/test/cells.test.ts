// The plane as cells, by frames made here by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@msgpack/msgpack';
import { Mirror } from '../src/mirror.ts';
import { MalformedError } from '../src/pack.ts';
import { Audience, Axis, type Schema } from '../src/schema.ts';
import { HASH_SEED, mix } from '../src/snapshot.ts';
import { Timeline, between } from '../src/timeline.ts';

const axes = [{ name: 'x', linear: true, tick: false, axis: Axis.x }, { name: 'y', linear: false, tick: false, axis: Axis.y }];
const SCHEMA: Schema = {
  tables: [
    { name: 'score', capacity: 2, audience: Audience.all, columns: [{ name: 'points', linear: false, tick: false }] },
    { name: 'blobs', capacity: 200, audience: Audience.all, columns: [...axes, { name: 'r', linear: false, tick: false }] },
    { name: 'eyes', capacity: 2, audience: Audience.private, columns: axes },
    { name: 'pellets', capacity: 8, audience: Audience.all, columns: axes },
  ],
  inputs: [], events: [{ name: 'boo', args: [] }],
  space: { width: 40, height: 20, cell: 10, reach: 15, rate: 0 },
};
const BLOBS = 1, PELLETS = 3;

type Segment = [cell: number, age: number, columns?: unknown[], enters?: number[], leaves?: number[], hash?: number];

const zig = (v: number) => (v << 1 ^ v >> 31) >>> 0;
const enter = (table: number, slot: number, gen: number, ...values: number[]) => [table, slot, gen, ...values.map(zig)];

/** A client that is sent frames: head and body with nothing in them, and cells. */
class Viewer {
  readonly mirror = new Mirror(SCHEMA, 0, 24);
  tick = 100;

  key(drops: number[] | null, ...segments: Segment[]): void {
    this.mirror.frame(this.bytes(33, 0, [this.tick, 1, [], [], []], [drops, ...segments]));
  }

  tell(drops: number[] | null, ...segments: Segment[]): void {
    this.later(1, drops, ...segments);
  }

  later(ticks: number, drops: number[] | null, ...segments: Segment[]): void {
    this.tick += ticks;
    this.mirror.frame(this.bytes(32, ticks, [[], [], []], [drops, ...segments]));
  }

  refuses(cells: unknown, kind = 32, age = 1): void {
    const before = this.seen;
    this.tick += age;
    assert.throws(() => this.mirror.frame(this.bytes(kind, age, [[], [], []], cells)), MalformedError);
    this.tick -= age;
    assert.deepEqual(this.seen, before);
  }

  private bytes(kind: number, age: number, body: unknown, cells: unknown): Uint8Array {
    const parts = [[kind, this.tick & 127, age, 0, 0, null], body, cells].map((p) => encode(p));
    return Uint8Array.from(parts.flatMap((p) => [...p]));
  }

  /** All rows of the plane, as [table, slot, value…]. */
  get seen(): number[][] {
    const s = this.mirror.now, out: number[][] = [];
    for (const table of [BLOBS, PELLETS]) {
      for (let i = s.next(table, -1); i >= 0; i = s.next(table, i)) out.push([table, i, ...SCHEMA.tables[table].columns.map((_, c) => s.col(table, c)[i])]);
    }
    return out;
  }
}

test('a cell comes whole, moves by differences, and is forgotten', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], [...enter(BLOBS, 3, 7, 1, 2, 5), ...enter(BLOBS, 9, 1, 8, 8, 6), ...enter(PELLETS, 0, 0, 4, 4)], []],
    [1, 0, [], enter(PELLETS, 5, 0, 11, 4), []]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 1, 2, 5], [BLOBS, 9, 8, 8, 6], [PELLETS, 0, 4, 4], [PELLETS, 5, 11, 4]]);
  // Columns x and r of the blobs; the second of them, then both.
  v.tell(null, [0, 1, [0b101, 0b10, zig(-3), 0b11, zig(1), zig(-1)], enter(PELLETS, 1, 0, 5, 5), [PELLETS, 0]]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 1, 2, 6], [BLOBS, 9, 5, 8, 5], [PELLETS, 1, 5, 5], [PELLETS, 5, 11, 4]]);
  v.tell([0]);
  assert.deepEqual(v.seen, [[PELLETS, 5, 11, 4]]);
  assert.deepEqual(v.mirror.cells!.held, [1]);
  v.key(null);
  assert.deepEqual([v.seen, v.mirror.cells!.held], [[], []]);
});

test('with a linear segment rows move on as they did with the one before', () => {
  const v = new Viewer(), at = () => v.seen.map((row) => row.slice(1, 5));
  v.key(null, [0, 0, [], [...enter(BLOBS, 3, 7, 1, 2, 5), ...enter(BLOBS, 4, 7, 1, 1, 5)], []]);
  v.tell(null, [0, -1, [0b111, 1, zig(2), 1, zig(1), 1, zig(-1)], [], []]); // they had not moved
  assert.deepEqual(at(), [[3, 3, 3, 4], [4, 1, 1, 5]]);
  v.tell(null, [0, -1, [], [], []]); // x alone is linear
  assert.deepEqual(at(), [[3, 5, 3, 4], [4, 1, 1, 5]]);
  v.tell(null, [0, -1, [1, 0b11, zig(-1), zig(4)], [], []]);
  assert.deepEqual(at(), [[3, 6, 3, 4], [4, 5, 1, 5]]);
  v.later(2, null, [0, 2, [1, 0b10, zig(1)], enter(BLOBS, 5, 0, 9, 9, 9), []]); // a plain one begins anew
  assert.deepEqual(at(), [[3, 6, 3, 4], [4, 6, 1, 5], [5, 9, 9, 9]]);
  v.later(2, null, [0, -2, [], enter(BLOBS, 4, 7, 1, 1, 5), [BLOBS, 0]]); // the one that enters takes the place of what moved
  v.later(2, null, [0, -2, [], [], []]);
  assert.deepEqual(at(), [[4, 1, 1, 5], [5, 9, 9, 9]]);
});

test('what is empty at the end of a segment may be left out', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], enter(BLOBS, 3, 7, 1, 2, 5)], [1, 0]);
  v.tell(null, [0, 1, [1, 1, zig(2)]], [1, 1]);
  v.tell(null, [0, -1], [1, 1, [], enter(BLOBS, 4, 7, 11, 2, 5)]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 5, 2, 5], [BLOBS, 4, 11, 2, 5]]);
  v.tell(null, [0, 0], [1, 1, [], [], [BLOBS, 0]]);
  assert.deepEqual([v.seen, v.mirror.cells!.held], [[], [0, 1]]);
});

test('age 0 presumes nothing of the cell', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], [...enter(BLOBS, 3, 7, 1, 2, 5), ...enter(PELLETS, 0, 0, 4, 4)], []]);
  v.tell(null, [0, 0, [], enter(BLOBS, 3, 7, 2, 2, 5), []]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 2, 2, 5]]);
});

test('a row that moves on to another cell is the same row, and one that another takes its slot is not', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], [...enter(BLOBS, 3, 7, 9, 2, 5), ...enter(BLOBS, 4, 1, 8, 2, 5)], []], [1, 0, [], [], []]);
  const before = [3, 4].map((slot) => v.mirror.now.gen(BLOBS, slot));
  v.tell(null, [1, 1, [], [...enter(BLOBS, 3, 7, 11, 2, 5), ...enter(BLOBS, 4, 2, 12, 2, 9)], []], [0, 1, [], [], [BLOBS, 0, BLOBS, 1]]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 11, 2, 5], [BLOBS, 4, 12, 2, 9]]);
  assert.deepEqual([3, 4].map((slot) => v.mirror.now.gen(BLOBS, slot) - before[slot - 3]), [0, 1]);
});

test('cells at rates of their own do not disturb each other: who claimed a row last shows it', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], enter(BLOBS, 3, 7, 9, 2, 5), []], [1, 0, [], [], []]);
  v.tell(null, [1, 1, [], enter(BLOBS, 3, 7, 11, 2, 5), []]); // the first has not been told of yet
  assert.deepEqual(v.seen, [[BLOBS, 3, 11, 2, 5]]);
  v.tell(null, [0, 2, [], [], [BLOBS, 0]]); // and gives up what is not its own any more
  assert.deepEqual(v.seen, [[BLOBS, 3, 11, 2, 5]]);
  v.tell([0]);
  assert.deepEqual(v.seen, [[BLOBS, 3, 11, 2, 5]]);
});

test('of more than 64 rows in a cell the mask is a byte string', () => {
  const v = new Viewer(), enters = Array.from({ length: 70 }, (_, slot) => enter(BLOBS, 2 * slot, 0, 1, 1, slot)).flat();
  v.key(null, [5, 0, [], enters, []]);
  v.tell(null, [5, 1, [0b100, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0b100000), zig(7), zig(-9)], [], []]);
  assert.deepEqual([v.seen[0], v.seen[69]], [[BLOBS, 0, 1, 1, 7], [BLOBS, 138, 1, 1, 60]]);
  assert.equal(v.seen.length, 70);
});

test('the hash of a cell tells whether the same is held', () => {
  const words = [BLOBS, 3, 1, 2, 5, PELLETS, 0, 4, 4], hash = words.reduce(mix, HASH_SEED) >>> 0;
  const enters = [...enter(BLOBS, 3, 7, 1, 2, 5), ...enter(PELLETS, 0, 0, 4, 4)];
  const v = new Viewer();
  v.key(null, [0, 0, [], enters, [], hash]);
  assert.equal(v.mirror.desyncs, 0);
  v.tell(null, [0, 1, [1, 1, zig(1)], [], [], hash]);
  assert.equal(v.mirror.desyncs, 1);
});

test('what does not follow is refused and changes nothing', () => {
  const v = new Viewer();
  v.key(null, [0, 0, [], [...enter(BLOBS, 3, 7, 1, 2, 5), ...enter(PELLETS, 0, 0, 4, 4)], []]);
  for (const [why, cells] of Object.entries({
    'a cell that is not held': [null, [1, 1, [], [], []]],
    'a linear segment of a cell that is not held': [null, [1, -1, [], [], []]],
    'an age beyond 127': [null, [0, -128, [], [], []]],
    'a cell that was dropped': [[0], [0, 1, [], [], []]],
    'a drop of a cell that is not held': [[1]],
    'a cell dropped twice': [[0, 0]],
    'a cell beyond the plane': [null, [8, 0, [], [], []]],
    'a cell told twice': [null, [0, 1, [], [], []], [0, 1, [], [], []]],
    'a row that is not there': [null, [0, 1, [1, 2, 0], [], []]],
    'a column that is not there': [null, [0, 1, [32, 1, 0], [], []]],
    'fewer residuals than the mask says': [null, [0, 1, [1, 1], [], []]],
    'more residuals than the mask says': [null, [0, 1, [1, 1, 0, 0], [], []]],
    'a table that is not on the plane': [null, [0, 1, [], [0, 0, 0, 0], []]],
    'a generation beyond 127': [null, [0, 1, [], [PELLETS, 1, 128, 0, 0], []]],
    'enters out of order': [null, [0, 1, [], [...enter(PELLETS, 2, 0, 4, 4), ...enter(PELLETS, 1, 0, 4, 4)], []]],
    'half an enter': [null, [0, 1, [], [PELLETS, 2, 0, 4], []]],
    'leaves twice': [null, [0, 1, [], [], [BLOBS, 0, BLOBS, 0]]],
    'leaves and was not there': [null, [0, 1, [], [], [BLOBS, 1]]],
    'a short segment': [null, [0]],
    'a segment of nothing': [null, []],
    'nothing at all': [],
  })) assert.doesNotThrow(() => v.refuses(cells), why);
  v.refuses([null], 0);
  v.refuses([null], 32 | 2);
  v.tell(null, [0, 1, [], [], []]);
});

test('a row is shown between the ticks at which its cell was told of', () => {
  const v = new Viewer(), line = new Timeline(20);
  const blob = (slot: number, x: number) => enter(BLOBS, slot, 0, x, 0, 1);
  v.key(null, [0, 0, [], blob(1, 0), []], [1, 0, [], blob(2, 0), []]);
  const shown: [number, number][] = [];
  for (let t = 1; t <= 40; t++) {
    // Both run at 10 a tick; the first is told of at each, the second at each fourth.
    const far: Segment[] = t % 4 === 0 ? [[1, 4, [1, 1, zig(40)], [], []]] : [];
    v.tell(null, [0, 1, [1, 1, zig(10)], [], []], ...far);
    line.frame(v.tick, v.tick * 50);
    if (t < 20) continue;
    for (const part of [0, 0.5]) {
      const m = line.at(v.mirror, (v.tick + part) * 50);
      shown.push([between(m, BLOBS, 0, 1) - (m.tick - 100) * 10, between(m, BLOBS, 0, 2) - (m.tick - 102) * 10]);
    }
  }
  for (const [near, far] of shown) assert.ok(Math.abs(near) < 1e-6 && Math.abs(far) < 1e-6, `off by ${near} and ${far}`);
});

test('a row that stood still does not slide from where it once was', () => {
  const v = new Viewer(), line = new Timeline(20);
  v.key(null, [0, 0, [], enter(BLOBS, 1, 0, 0, 0, 1), []]);
  line.frame(v.tick, v.tick * 50);
  for (let t = 1; t <= 20; t++) {
    v.tell(null, ...t === 20 ? [[0, 1, [1, 1, zig(10)], [], []] as Segment] : []);
    line.frame(v.tick, v.tick * 50);
  }
  assert.equal(between(line.at(v.mirror, 120 * 50), BLOBS, 0, 1), 0);
  v.tell(null);
  v.tell(null);
  const at = (tick: number) => between({ ...line.at(v.mirror, 0), to: v.mirror.now, tick }, BLOBS, 0, 1);
  assert.deepEqual([118, 119, 119.5, 120, 121].map(at), [0, 0, 5, 10, 10]);
});
