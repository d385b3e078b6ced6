// What is asked for about how players stand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { around, leaderboard, matches, ratings, Session } from '../src/index.ts';

test('boards, ratings and matches are asked for as the server has them', async () => {
  const asked: string[] = [];
  const session = await Session.guest('http://game.test', 'Ada', async (url) => {
    asked.push(String(url).replace('http://game.test/v1/', ''));
    return Response.json({ player: { id: 'p1', name: 'Ada' }, access: 'a', refresh: 'r', expires_in: 900, ratings: [{ mode: 'ffa' }] });
  });
  await leaderboard(session, 'a/b');
  await leaderboard(session, 'ffa', 2, 10, 30);
  await around(session, 'ffa', 2);
  assert.deepEqual(await ratings(session), [{ mode: 'ffa' }]);
  await matches(session, 5, 17);
  assert.deepEqual(asked.slice(1), [
    'leaderboards/a%2Fb?limit=20', 'leaderboards/ffa?season=2&limit=10&offset=30', 'leaderboards/ffa/around?season=2&limit=5',
    'players/me/ratings', 'players/me/matches?limit=5&before=17',
  ]);
});
