// What is said before and after a match, in words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@muster/client';
import { problem, span } from '../src/ui/problems.ts';
import { ratedOf } from '../src/ui/rated.ts';
import { waitWords } from '../src/ui/waits.ts';
import { ago, signed } from '../src/ui/words.ts';

const wait = { waited: 0, gap: 0, ping: 0, inRange: 0, estimate: 0, why: '' };

test('a search says what it waits for', () => {
  assert.deepEqual(waitWords(wait), []);
  assert.deepEqual(waitWords({ ...wait, why: 'alone' }), ['Nobody else who would suit you is looking just now.']);
  assert.deepEqual(waitWords({ ...wait, why: 'alone', inRange: 1, gap: 150, ping: 60, estimate: 12_400 }), [
    'One other player would suit you; it takes more.', 'Looking within 150 points of your rating, on a server within 60 ms; wider the longer it takes.',
    'About 13 seconds more, judging by others.',
  ]);
  for (const why of ['unsuited', 'no_region', 'held', 'impossible']) assert.equal(waitWords({ ...wait, why }).length, 1, why);
  assert.deepEqual(waitWords({ ...wait, why: 'of tomorrow', inRange: 2 }), ['2 other players would suit you.']);
});

test('problems are told in words, waits with their length', () => {
  assert.match(problem(new ApiError(409, 'username_taken', 'x')), /Somebody has that username/);
  assert.equal(problem(new ApiError(400, 'of_tomorrow', 'The server says so.')), 'The server says so.');
  assert.equal(problem(new ApiError(429, 'too_many_failures', '', 200)), 'Too many logins have failed. Try again in 3 minutes.');
  assert.equal(problem(new ApiError(429, 'rate_limited', '')), 'That was too often. Try again later.');
  assert.equal(problem(new TypeError('oops')), 'That did not work. Please try again.');
  assert.deepEqual([0, 1, 89, 90, 7200, 200_000].map(span), ['1 second', '1 second', '89 seconds', '2 minutes', '2 hours', '2 days']);
});

test('times past and differences', () => {
  assert.deepEqual([5, 60, 7199, 90_000, 300_000].map(ago), ['just now', '1 min ago', '1 h ago', 'yesterday', '3 days ago']);
  assert.deepEqual([3, -3, 0].map(signed), ['+3', '−3', '±0']);
});

test('a rating is read from mail, or not', () => {
  const data = { match: 'm', mode: 'ffa', place: 2, before: 1500, after: 1512 };
  assert.deepEqual(ratedOf(JSON.stringify(data)), data);
  for (const bad of ['', '{', '{}', 'null', '{"match":1}']) assert.equal(ratedOf(bad), undefined, bad);
});
