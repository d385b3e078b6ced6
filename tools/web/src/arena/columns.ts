// Where the arena's tables and columns lie, by their names in game/arena/doc.go.

import type { Layout } from '@muster/client';
import { type Found, find } from '../columns.ts';

/** What arena modes have; a mode without is another game, for /play to show. */
const TABLES = {
  players: ['x', 'y', 'aim', 'hp', 'frags', 'deaths', 'until'],
  match: ['end', 'limit', 'map', 'across', 'down'],
  pickups: ['back', 'x', 'y', 'kind'],
  shots: ['x', 'y', 'aim', 'owner', 'kind', 'born'],
  own: ['vx', 'vy', 'dash', 'fire', 'rail', 'ammo'],
} as const;

/** What those have besides where there are teams. */
const TEAM_TABLES = {
  teams: ['frags'],
  mates: ['ammo', 'rail', 'mark', 'x', 'y', 'on'],
} as const;

export type Columns = Found<typeof TABLES>;
export type TeamColumns = Found<typeof TEAM_TABLES>;

/** Undefined where the schema is not an arena's. */
export const columnsOf = (layout: Layout) => find(layout, TABLES);

/** Undefined where all are against all. */
export const teamColumnsOf = (layout: Layout) => find(layout, TEAM_TABLES);

export const Button = { fire: 1, rail: 2, dash: 4, mark: 8 } as const;
export const Weapon = { blaster: 1, rail: 2 } as const;
