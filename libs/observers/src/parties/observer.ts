/** Something stored, as one party can read it. */
export interface HeldRow {
  /** A table, or what comes nearest to one: `remote-call`. */
  readonly table: string;
  /** By column. Bytes are Uint8Arrays; a bigint is a string. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The party's own clock for the row, where it has one besides the row's columns: a transaction's number, say. */
  readonly at?: number;
  /** Whether the rows of its table come in the order in which they lie on the disk. */
  readonly isInHeapOrder?: boolean;
}

/** A party that reads stored bytes and infers. It knows the agents' keys, as everybody does, and no strategy. */
export interface Observer {
  readonly name: string;
  /** All it can read, each row once. */
  rows(): AsyncIterable<HeldRow> | Iterable<HeldRow>;
}

/** Who writes a row, by the columns that say so; the first that a row has counts. */
export const OWNER_COLUMNS = ['author', 'holder', 'agent', 'from'];
