// Holds the client to protocol/testdata, as the Go tests hold the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, ack, follow, isControl, join, leave, mailAck, parseServer, ping, roomCreate, roomDo, roomJoin, roomWatch, say } from '../src/control.ts';
import { writeInput } from '../src/input.ts';
import { Mirror } from '../src/mirror.ts';
import { MalformedError, Writer } from '../src/pack.ts';
import type { Joined } from '../src/control.ts';
import type { Schema } from '../src/schema.ts';
import { parseClient, parseInput } from './peer.ts';
import { frameFiles, hex, toHex, vectors } from './vectors.ts';

const joinedOf = (file: any) => parseServer(hex(file.joined)) as Joined;

function rows(m: Mirror): number[][] {
  const out: number[][] = [];
  m.layout.tables.forEach((t, ti) => {
    if (!t.shared) return;
    for (let s = m.now.next(ti, -1); s >= 0; s = m.now.next(ti, s)) {
      out.push([ti, s, ...t.columns.map((_, c) => m.now.col(ti, c)[s])]);
    }
  });
  return out;
}

function checkFrame(m: Mirror, want: any, note: string): void {
  const head = m.head;
  assert.deepEqual([head.kind, head.tick, head.age, head.ack, head.slack],
    [want.head.kind, want.head.tick, want.head.age, want.head.ack, want.head.slack], note);
  assert.deepEqual(Array.from({ length: head.owns }, (_, i) => [head.ownColumn[i], head.ownBy[i]]), want.head.own, note);
  if (want.head.hash !== null) assert.equal(head.hash, want.head.hash, note);
  assert.equal(m.now.tick, want.tick, note);
  assert.equal(m.epoch, want.epoch, note);
  assert.deepEqual(rows(m), want.rows, note);
  assert.deepEqual(m.seat < 0 ? [] : m.layout.own.map((c) => m.now.cells[c.cell + m.seat]), want.own, note);
  assert.deepEqual(m.events, want.events, note);
  assert.equal(m.now.hash(), want.hash, note);
  const cells = (m.cells?.held ?? []).sort((a, b) => a - b).map((cell) => ({ cell, rows: m.cells!.rows(cell), hash: m.cells!.hash(cell) }));
  assert.deepEqual(cells, want.cells ?? [], note);
}

for (const name of frameFiles()) {
  for (const keep of [3, 16]) {
    test(`${name}, remembering ${keep} snapshots`, () => {
      const file = vectors(name), joined = joinedOf(file);
      assert.deepEqual(joined.schema, file.schema);
      const m = new Mirror(joined.schema, file.seat, keep);
      for (const [i, f] of file.frames.entries()) {
        const note = `frame ${i}: ${f.note ?? ''}`, bytes = hex(f.hex);
        assert.ok(!isControl(bytes), note);
        m.frame(bytes);
        checkFrame(m, f, note);
      }
      assert.equal(m.desyncs, 0);
    });
  }
}

test('inputs.json: a writer makes exactly these bytes', () => {
  for (const v of vectors('inputs.json').inputs) {
    assert.equal(toHex(writeInput(new Writer(16), v, v.fields)), v.hex);
    const { fields, hex: bytes, ...want } = v;
    assert.deepEqual(parseInput(hex(bytes), fields), want);
  }
});

// The message as a client of ours sends it.
function write(type: string, f: any): Uint8Array {
  switch (type) {
    case 'join': return join(f.match, f.pass, f.epoch, f.tick);
    case 'leave': return leave();
    case 'ack': return ack(f.tick, f.hold);
    case 'mailack': return mailAck(f.id);
    case 'say': return say(f.channel, f.stamp, f.to, f.text);
    case 'roomcreate': return roomCreate(f.stamp, f);
    case 'roomjoin': return roomJoin(f.stamp, f.code, f.password);
    case 'roomdo': return roomDo(f.stamp, f.verb, f.player, f.number, f.text, f.values);
    case 'roomwatch': return roomWatch(f.stamp, f.on, f);
    case 'accept': return accept(f.ticket, f.yes);
    case 'follow': return follow(f.seat);
    default: return ping(f.stamp);
  }
}

for (const name of ['control.json', 'social.json', 'rooms.json']) test(name, () => {
  for (const v of vectors(name).messages) {
    const bytes = hex(v.hex);
    assert.ok(isControl(bytes));
    if (v.from === 'client') {
      assert.deepEqual(parseClient(bytes), { type: v.type, ...v.fields });
      assert.deepEqual(parseClient(write(v.type, v.fields)), { type: v.type, ...v.fields });
    } else {
      assert.deepEqual(parseServer(bytes), { type: v.type, ...v.fields });
    }
  }
});

function reader(what: string, before: string[] = []): (bytes: Uint8Array) => unknown {
  const joined = joinedOf(vectors('frames_basics.json'));
  switch (what) {
    case 'client': return parseClient;
    case 'server': return parseServer;
    case 'input': return (b) => parseInput(b, (joined.schema as Schema).inputs);
  }
  const m = new Mirror(joined.schema, 1);
  for (const b of before) m.frame(hex(b));
  return (b) => { m.frame(b); return rows(m); };
}

test('lenient.json: wider forms and more elements mean the same', () => {
  for (const v of vectors('lenient.json').messages) {
    assert.deepEqual(reader(v.what)(hex(v.hex)), reader(v.what)(hex(v.like)), v.note);
  }
});

test('refused.json', () => {
  for (const v of [...vectors('refused.json').messages, ...vectors('social.json').refused, ...vectors('rooms.json').refused]) {
    const read = reader(v.what, v.before);
    assert.throws(() => read(hex(v.hex)), MalformedError, `${v.what}: ${v.note}`);
  }
});

test('a frame that is refused changes nothing', () => {
  const file = vectors('frames_basics.json'), m = new Mirror(joinedOf(file).schema, file.seat);
  for (const f of file.frames) {
    const bytes = hex(f.hex);
    // Without all its events a frame can still be well-formed.
    for (let cut = 0; cut < bytes.length && f.events.length === 0; cut++) assert.throws(() => m.frame(bytes.subarray(0, cut)), MalformedError);
    m.frame(bytes);
    checkFrame(m, f, f.note);
  }
});
