// What there is to draw, in metres and seconds: filled by a live match or by
// the demo behind the menu, read by render and hud.

import type { ArenaMap } from './map.ts';

export interface Actor {
  seat: number;
  /** Whether it stands on the map at all. */
  here: boolean;
  x: number;
  y: number;
  /** Radians. */
  aim: number;
  hp: number;
  frags: number;
  deaths: number;
  dead: boolean;
  shield: boolean;
  me: boolean;
  name: string;
  color: string;
  /** Whether it is on one's own side. Undefined where all are against all. */
  ally?: boolean;
  /** Of an ally: bolts left, and whether the rail is ready. */
  arms?: { ammo: number; rail: boolean };
}

/** What an ally shows the others. left: seconds. */
export interface Mark { x: number; y: number; by: Actor; on?: Actor; left: number }

/** How the two sides stand. limit: the frags that end it, 0 for none. ours: whether one of them is one's own, us. */
export interface Score { us: number; them: number; limit: number; ours: boolean }

/** flown: metres from where it was fired; its tail is no longer than that. */
export interface Bolt { x: number; y: number; aim: number; color: string; flown: number }

export interface Pickup {
  x: number;
  y: number;
  /** 1 health, 2 ammo, 3 mega. */
  kind: number;
  there: boolean;
  /** Seconds until it is back. */
  back: number;
}

export interface Scene {
  map: ArenaMap;
  actors: Actor[];
  bolts: Bolt[];
  pickups: Pickup[];
  /** Undefined in the demo, and where one watches. */
  me?: Actor;
  /** Whom one sees the world with: oneself, or who is followed. */
  eye?: Actor;
  marks: Mark[];
  /** Undefined where all are against all. */
  score?: Score;
}

export const newActor = (seat: number): Actor => ({
  seat, here: false, x: 0, y: 0, aim: 0, hp: 0, frags: 0, deaths: 0, dead: true, shield: false, me: false, name: '', color: '#fff',
});
