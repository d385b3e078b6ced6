// Where a game's tables and columns lie, by their names.

import type { Layout } from '@muster/client';

type Names = Readonly<Record<string, readonly string[]>>;
export type Found<T extends Names> = { [K in keyof T]: { table: number } & Record<T[K][number], number> };

/** Undefined where the schema lacks one of them: it is another game's. */
export function find<T extends Names>(layout: Layout, tables: T): Found<T> | undefined {
  const found: Record<string, Record<string, number>> = {};
  for (const [name, columns] of Object.entries(tables)) {
    const table = layout.table(name);
    found[name] = { table };
    for (const c of columns) {
      found[name][c] = layout.column(table, c);
      if (found[name][c] < 0) return undefined;
    }
  }
  return found as Found<T>;
}
