// What a player is told of waiting and of what went wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reason } from '@muster/client';
import { explain, gone, telling } from '../src/ui/banner.ts';
import { names } from '../src/watch/list.ts';
import { restOf } from '../src/ui/room.ts';
import { clock, ordinal } from '../src/ui/words.ts';

const reason = (code: number): Reason => ({ code, text: 'text', comeBack: true });

test('seats that bots take are one line, not fifteen', () => {
  const bot = { index: 0, player: '', name: 'bot', here: true }, open = { ...bot, name: '' }, ada = { ...bot, player: 'p1', name: 'Ada' };
  assert.equal(restOf([ada, ...Array(15).fill(bot)]), '15 bots will join');
  assert.equal(restOf([ada, bot]), '1 bot will join');
  assert.equal(restOf([ada, open, open]), '2 open seats');
  assert.equal(restOf([ada]), '');
});

test('of two reasons the more telling one stays', () => {
  const restart = reason(4012), lost = reason(1006), slow = reason(4010);
  assert.equal(telling(undefined, lost), lost);
  assert.equal(telling(restart, lost), restart);
  assert.equal(telling(lost, restart), restart);
  assert.equal(telling(restart, slow), slow);
  assert.match(explain(telling(restart, lost)), /restarting/);
});

test('a match that is gone is said to be gone, and why if that is known', () => {
  const none = { code: 'match_not_found', text: 'The match is over, or was never here.' };
  assert.match(gone(none, reason(4012), false), /^The server was restarted/);
  assert.match(gone(none, reason(1006), true), /^The server was restarted/);
  assert.match(gone(none, reason(1006), false), /^That match is gone: it ended meanwhile/);
  assert.equal(gone({ code: 'match_full', text: 'Full.' }, undefined, true), 'Full.');
});

test('numbers as people say them', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 21, 112, 123].map(ordinal), ['1st', '2nd', '3rd', '4th', '11th', '12th', '21st', '112th', '123rd']);
  assert.deepEqual([0, 5, 59.2, 65].map(clock), ['0:00', '0:05', '1:00', '1:05']);
});

test('of many who play a few are named, and of bots none', () => {
  const of = (n: number) => names({ players: Array.from({ length: n }, (_, seat) => ({ seat, name: `P${seat}` })) });
  assert.deepEqual([of(0), of(1), of(4), of(6)], ['Bots', 'P0', 'P0, P1, P2, P3', 'P0, P1, P2, P3 and 2 more']);
});
