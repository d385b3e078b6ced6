// What there is to see and to say in a game, as the server tells it once in
// Joined; and the layout that snapshots of it have in memory.

/** Who is sent a table's rows. */
export const Audience = { all: 0, team: 1, private: 2, nobody: 3 } as const;

/** Which coordinate of a row's place a column holds. */
export const Axis = { x: 1, y: 2 } as const;

export interface Column {
  name: string;
  /** Changes steadily, as positions do. */
  linear: boolean;
  /** Holds a tick number. */
  tick: boolean;
  /** One of Axis. */
  axis?: number;
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

/** A plane that rows lie on, of which one is sent what is near one's eye. */
export interface Space {
  /** Places are 0 to width-1 and 0 to height-1; what lies beyond counts as at the edge. */
  width: number;
  height: number;
  /** Side of the squares that it is cut into. */
  cell: number;
  /** One is sent the cells within this distance of the eye, in x and in y each. */
  reach: number;
  /** Bytes a second at most, in the long run; 0 is the server's default. */
  rate: number;
}

export interface Schema {
  tables: Table[];
  inputs: Field[];
  events: EventKind[];
  /** Without it everyone is sent everything. */
  space?: Space;
}

/** Where a table lies in a snapshot's flat arrays. */
export interface TableLayout extends Table {
  shared: boolean;
  /** Whether its rows lie on the plane and are sent by cells. */
  spatial: boolean;
  /** Its columns that hold a row's place, -1 where there are none. */
  x: number;
  y: number;
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
  /** The private table with the eye's place, -1 without a space. */
  readonly eyes: number;

  constructor(readonly schema: Schema) {
    for (const t of schema.tables) this.add(t);
    if (this.shared.length > 64 || this.own.length > 64) throw new Error('schema: more than 64 columns');
    this.eyes = this.tables.findIndex((t) => t.audience === Audience.private && t.x >= 0);
  }

  private add(t: Table): void {
    const table: TableLayout = {
      ...t, shared: t.audience <= Audience.team, spatial: false, x: along(t, Axis.x), y: along(t, Axis.y),
      word: this.words, words: (t.capacity + 31) >> 5, slot: this.slots, cell: this.cells,
    };
    table.spatial = table.shared && table.x >= 0;
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

const along = (t: Table, axis: number) => t.columns.findIndex((c) => c.axis === axis);
