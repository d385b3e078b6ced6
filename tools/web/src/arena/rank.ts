import type { Actor } from './scene.ts';

type Ranked = Pick<Actor, 'here' | 'frags'>;

/** The place of one with so many frags, from 1: as in game.RankByScore equal scores share it. */
export function rankOf(frags: number, actors: readonly Ranked[]): number {
  let rank = 1;
  for (const a of actors) if (a.here && a.frags > frags) rank++;
  return rank;
}

/** Those who are here, best first. Who died less often stands above an equal, in the same place. */
export const ranked = (actors: readonly Actor[]) => actors.filter((a) => a.here)
  .sort((a, b) => b.frags - a.frags || a.deaths - b.deaths || a.seat - b.seat)
  .map((actor) => ({ actor, rank: rankOf(actor.frags, actors) }));
