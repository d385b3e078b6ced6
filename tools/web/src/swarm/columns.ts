// Where the swarm's tables and columns lie, by their names in game/swarm/schema.go.

import type { Layout } from '@muster/client';
import { type Found, find } from '../columns.ts';

const TABLES = {
  blobs: ['x', 'y', 'r'],
  pellets: ['x', 'y'],
  spikes: ['x', 'y'],
  zone: ['side', 'end'],
  leaders: ['seat', 'mass'],
  own: ['x', 'y', 'rank', 'back', 'killer'],
} as const;

export type Columns = Found<typeof TABLES>;

/** Undefined where the schema is not the swarm's. */
export const columnsOf = (layout: Layout) => find(layout, TABLES);

export const Button = { split: 1, boost: 2 } as const;
