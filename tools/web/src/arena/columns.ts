// Where the arena's tables and columns lie, by their names in game/arena/doc.go.

import type { Layout } from '@muster/client';

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

type Placed<Names extends Record<string, readonly string[]>> = { [T in keyof Names]: { table: number } & Record<Names[T][number], number> };
export type Columns = Placed<typeof TABLES>;
export type TeamColumns = Placed<typeof TEAM_TABLES>;

/** Undefined where the schema is not an arena's. */
export const columnsOf = (layout: Layout) => find(layout, TABLES) as Columns | undefined;

/** Undefined where all are against all. */
export const teamColumnsOf = (layout: Layout) => find(layout, TEAM_TABLES) as TeamColumns | undefined;

function find(layout: Layout, tables: Record<string, readonly string[]>) {
  const found: Record<string, Record<string, number>> = {};
  for (const [name, columns] of Object.entries(tables)) {
    const table = layout.table(name);
    found[name] = { table };
    for (const c of columns) {
      found[name][c] = layout.column(table, c);
      if (found[name][c] < 0) return undefined;
    }
  }
  return found;
}

export const Button = { fire: 1, rail: 2, dash: 4, mark: 8 } as const;
export const Weapon = { blaster: 1, rail: 2 } as const;
