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

type Names = typeof TABLES;
export type Columns = { [T in keyof Names]: { table: number } & Record<Names[T][number], number> };

/** Undefined where the schema is not an arena's. */
export function columnsOf(layout: Layout): Columns | undefined {
  const found: Record<string, Record<string, number>> = {};
  for (const [name, columns] of Object.entries(TABLES)) {
    const table = layout.table(name);
    found[name] = { table };
    for (const c of columns) {
      found[name][c] = layout.column(table, c);
      if (found[name][c] < 0) return undefined;
    }
  }
  return found as unknown as Columns;
}

export const Button = { fire: 1, rail: 2, dash: 4 } as const;
export const Weapon = { blaster: 1, rail: 2 } as const;
