import type { Match, Over } from '@muster/client';
import type { NetGraph } from './hud/netgraph.ts';
import type { Controls } from './input/controls.ts';
import type { Touch } from './input/touch.ts';
import type { Placed } from './ui/result.ts';
import type { Watched } from './watch/watch.ts';

/** A kind of game as the page shows and steers it: there is one for each that it knows. */
export interface View {
  /** What is above the canvas. */
  readonly root: HTMLElement;
  readonly net: NetGraph;
  readonly controls: Controls;
  readonly touch: Touch;
  /** The scores are held up. */
  scoresHeld: boolean;
  /** The match, once a frame of it has come. */
  readonly match?: Match;
  /** Where it is watched. */
  readonly watched?: Watched;

  /** The seat is ours, or we watch. Frames follow. */
  joined(match: Match): void;
  /** Takes in a frame. False if the match is of another kind of game. */
  frame(match: Match): boolean;
  rosterChanged(): void;
  draw(now: number, seconds: number): void;
  /** Ends it, and says how everyone was placed. */
  over(over: Over): Placed[];
  /** Nothing is left of the match: it is over, or gone. */
  end(): void;
  /** For tests and the curious. */
  seen(): Seen;
}

/** What a view shows. */
export interface Seen {
  me?: object;
  others: object[];
  /** Of one's own side and the other's; undefined where all are against all. */
  score?: object;
  /** How many pellets lie about, and which cells of the plane are held. */
  pellets?: number;
  cells?: number[];
  /** By how much one's prediction was off. */
  correction: number;
}

/** The kind of game that a mode is, by its name; the page made from its schema shows all others. */
export function kindOf(mode: string): 'arena' | 'swarm' | undefined {
  return mode.startsWith('arena') ? 'arena' : mode === 'swarm' ? 'swarm' : undefined;
}
