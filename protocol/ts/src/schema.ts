// What there is to see and to say in a game, as the server tells it once in
// Joined; and the layout that snapshots of it have in memory.

/** Who is sent a table's rows. */
export const Audience = { all: 0, team: 1, private: 2, nobody: 3 } as const;

export interface Column {
  name: string;
  /** Changes steadily, as positions do. */
  linear: boolean;
  /** Holds a tick number. */
  tick: boolean;
}

export interface Table {
  name: string;
  capacity: number;
  /** One of Audience. */
  audience: number;
  columns: Column[];
}

/** One integer of an input. */
export interface Field {
  name: string;
  min: number;
  max: number;
  /** A set of buttons. */
  bits: boolean;
  /** Keeps its value when inputs fail to come. */
  keep: boolean;
}

export interface EventKind {
  name: string;
  args: string[];
}

export interface Schema {
  tables: Table[];
  inputs: Field[];
  events: EventKind[];
}

/** Where a table lies in a snapshot's flat arrays. */
export interface TableLayout extends Table {
  shared: boolean;
  /** Offset of its mask, in 32-bit words, and how many it has. */
  word: number;
  words: number;
  /** Offset of its first slot among all. */
  slot: number;
  /** Offset of its first value. */
  cell: number;
}

/** Where a column lies, by its number on the wire. */
export interface ColumnLayout extends Column {
  table: number;
  /** Offset of slot 0. */
  cell: number;
}

/** A schema made ready for use. */
export class Layout {
  readonly tables: TableLayout[] = [];
  /** Columns of the tables for all and for teams. */
  readonly shared: ColumnLayout[] = [];
  /** Columns of private tables. */
  readonly own: ColumnLayout[] = [];
  words = 0;
  slots = 0;
  cells = 0;

  constructor(readonly schema: Schema) {
    for (const t of schema.tables) this.add(t);
    if (this.shared.length > 64 || this.own.length > 64) throw new Error('schema: more than 64 columns');
  }

  private add(t: Table): void {
    const table: TableLayout = {
      ...t, shared: t.audience <= Audience.team,
      word: this.words, words: (t.capacity + 31) >> 5, slot: this.slots, cell: this.cells,
    };
    const to = table.shared ? this.shared : t.audience === Audience.private ? this.own : undefined;
    t.columns.forEach((c, i) => to?.push({ ...c, table: this.tables.length, cell: this.cells + i * t.capacity }));
    this.tables.push(table);
    this.words += table.words;
    this.slots += t.capacity;
    this.cells += t.capacity * t.columns.length;
  }

  /** The number of a table by its name, -1 if there is none. */
  table(name: string): number {
    return this.tables.findIndex((t) => t.name === name);
  }

  /** The number of a column within its table, -1 if there is none. */
  column(table: number, name: string): number {
    return this.tables[table]?.columns.findIndex((c) => c.name === name) ?? -1;
  }
}
