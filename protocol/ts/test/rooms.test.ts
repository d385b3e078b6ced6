import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomListNews, RoomPlace, RoomRow, RoomState } from '../src/control.ts';
import { MadeRoom, RoomKind, RoomList } from '../src/rooms.ts';

const head = { title: 'Fun', mode: 'ffa', options: [1], size: 2, privacy: 0, locked: false, host: 'a', phase: 0, starts: -1, banned: [] };
const place = (index: number, player = ''): RoomPlace =>
  ({ index, kind: player ? RoomKind.player : RoomKind.open, player, name: player, here: player !== '', ready: false, playing: false, swap: '' });
const state = (base: number, revision: number, seats: RoomPlace[], code = 'AB23CD'): RoomState =>
  ({ type: 'roomstate', code, base, revision, head: base === 0 ? head : null, seats });

test('a room is what its news add up to', () => {
  const room = new MadeRoom();
  assert.ok(!room.take(state(4, 5, [place(0)])), 'a change of what is not there');
  assert.ok(room.take(state(0, 3, [place(0, 'a'), place(1)])));
  assert.ok(room.take(state(3, 4, [place(1, 'b'), place(3, 'c')])));
  assert.ok(!room.take(state(3, 6, [place(0)])), 'a change of an older one');
  assert.ok(!room.take(state(4, 5, [place(0)], 'XXXXXX')), 'another room');
  assert.deepEqual(room.seats.map((s) => s.player), ['a', 'b', '', 'c']);
  assert.deepEqual([room.head, room.revision, room.seats[2].kind], [head, 4, RoomKind.closed]);
  assert.ok(room.take(state(0, 1, [place(0, 'd')], 'XXXXXX')), 'a whole one takes its place');
  assert.equal(room.seats.length, 1);
  room.left();
  assert.deepEqual([room.code, room.head, room.seats], ['', undefined, []]);
});

const row = (code: string, players = 1): RoomRow =>
  ({ code, title: code, mode: 'ffa', options: [], host: 'h', players, bots: 0, size: 4, locked: false, playing: false });
const news = (whole: boolean, rows: RoomRow[], gone: string[] = [], stamp = 1): RoomListNews =>
  ({ type: 'roomlist', stamp, whole, more: rows.length > 2, rows, gone });

test('a list is what its news add up to', () => {
  const list = new RoomList(1);
  assert.ok(!list.take(news(true, [row('X')], [], 2)), 'of another watch');
  assert.ok(list.take(news(true, [row('A'), row('B'), row('C')])));
  assert.ok(list.more);
  assert.ok(list.take(news(false, [row('B', 3), row('D')], ['A', 'Z'])));
  assert.deepEqual(list.rows.map((r) => r.code + r.players), ['B3', 'C1', 'D1']);
  assert.ok(!list.more);
  assert.ok(list.take(news(true, [])));
  assert.deepEqual(list.rows, []);
});
