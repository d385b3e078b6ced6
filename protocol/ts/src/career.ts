// How players stand: leaderboards by mode and season, and the matches that made them.

import type { Player, Session } from './session.ts';

export interface Standing { rank: number; player: Player; points: number; wins: number; losses: number; matches: number; last: string }

/** A part of a board. */
export interface Board {
  mode: string;
  season: number;
  /** That can be asked for, the one that is played first. */
  seasons: number[];
  /** When the season began and ends, where seasons do. */
  begins?: string;
  ends?: string;
  /** On the whole board. */
  players: number;
  standings: Standing[];
}

/** A player's rating in a mode. */
export interface Rating { mode: string; season: number; points: number; matches: number; last: string; rank?: number }

/** A match that a player was in. before and after are points of rating. */
export interface Played {
  id: string; mode: string; at: string; why: string; outcome: 'won' | 'lost' | 'drew' | 'unfinished'; place?: number; score: number; before: number; after: number;
}

const query = (of: Record<string, number | undefined>) =>
  new URLSearchParams(Object.entries(of).filter(([, v]) => v).map(([k, v]) => [k, String(v)])).toString();

/** The best of a season; 0 is the one that is played. */
export const leaderboard = (s: Session, mode: string, season = 0, limit = 20, offset = 0) =>
  s.ask<Board>('GET', `/v1/leaderboards/${encodeURIComponent(mode)}?${query({ season, limit, offset })}`);

/** Those around the player, so many on each side; refused with not_ranked where the player is not on the board. */
export const around = (s: Session, mode: string, season = 0, limit = 5) =>
  s.ask<Board>('GET', `/v1/leaderboards/${encodeURIComponent(mode)}/around?${query({ season, limit })}`);

export const ratings = async (s: Session) => (await s.ask<{ ratings: Rating[] }>('GET', '/v1/players/me/ratings')).ratings;

/** The player's matches, newest first. next asks for those before. */
export const matches = (s: Session, limit = 20, before = 0) =>
  s.ask<{ matches: Played[]; next?: number }>('GET', `/v1/players/me/matches?${query({ limit, before })}`);
