/** A column's text as PostgreSQL writes it; `null` is NULL. */
export type TracedRow = Readonly<Record<string, string | null>>;

export interface TracedWrite {
  /** The transaction it was in. */
  readonly tx: string;
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly table: string;
  /** As it is afterwards; of a delete, as it was. */
  readonly row: TracedRow;
  readonly before: TracedRow | null;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  /** Of the primary key. */
  readonly isKey: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** How a value goes on from act to act of one writer. */
export type Value =
  /** The same for every writer. */
  | { readonly kind: 'same'; readonly text: string | null }
  /** One writer's own bytes, the same in each act; equal names are equal bytes. */
  | { readonly kind: 'standing'; readonly name: string; readonly bytes: number }
  /** New bytes in each act; equal names are equal bytes within an act. */
  | { readonly kind: 'fresh'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'counting'; readonly first: bigint; readonly step: bigint };

export interface ShapedColumn extends Column {
  readonly value: Value;
  /** Whether an update changes it. */
  readonly isChanged: boolean;
}

export interface ShapedWrite extends Pick<TracedWrite, 'op' | 'table'> {
  readonly columns: readonly ShapedColumn[];
  /** What has to be there before the first act: of an update or delete of a row that the act itself did not insert. */
  readonly standing: readonly ShapedColumn[] | null;
}

/** What one act writes, transaction by transaction. */
export interface ActShape {
  readonly transactions: readonly (readonly ShapedWrite[])[];
  readonly rows: number;
  /** Of the rows inserted and updated, without PostgreSQL's own overhead. */
  readonly bytes: number;
}

/** @returns null when the two acts did not write alike */
export function shapeOf(
  tables: ReadonlyMap<string, Table>,
  acts: readonly [readonly TracedWrite[], readonly TracedWrite[]],
): ActShape | null {
  const [first, second] = [acts[0], acts[1]].map(byTransaction);
  if (first === undefined || second === undefined || signatureOf(first) !== signatureOf(second)) return null;
  const inserted = new Set<string>();
  const transactions = second.map((writes, tx) =>
    writes.map((write, index) => {
      const table = tables.get(write.table);
      const before = first[tx]?.[index];
      if (table === undefined || before === undefined) throw new Error(`no table ${write.table}`);
      const identity = identityOf(table, write.row);
      if (write.op === 'INSERT') inserted.add(identity);
      return shapedWrite(table, [before, write], inserted.has(identity));
    }),
  );
  const written = second.flat();
  return { transactions, rows: written.length, bytes: bytesOf(written) };
}

/** Transactions in the order of their first write, so that those that ran at once compare all the same. */
function byTransaction(writes: readonly TracedWrite[]): readonly (readonly TracedWrite[])[] {
  const groups = new Map<string, TracedWrite[]>();
  for (const write of writes) groups.set(write.tx, [...(groups.get(write.tx) ?? []), write]);
  return [...groups.values()];
}

function signatureOf(transactions: readonly (readonly TracedWrite[])[]): string {
  return transactions.map((writes) => writes.map(({ op, table }) => `${op} ${table}`).join()).join('; ');
}

function identityOf({ name, columns }: Table, row: TracedRow): string {
  return [name, ...columns.filter(({ isKey }) => isKey).map((column) => row[column.name] ?? '')].join('/');
}

function shapedWrite(
  { columns }: Table,
  [first, second]: readonly [TracedWrite, TracedWrite],
  isOfThisAct: boolean,
): ShapedWrite {
  const shaped = (row: (write: TracedWrite) => TracedRow): readonly ShapedColumn[] =>
    columns.map((column) => ({
      ...column,
      value: valueOf(column.type, [row(first)[column.name] ?? null, row(second)[column.name] ?? null]),
      isChanged: second.before?.[column.name] !== second.row[column.name],
    }));
  const standing = isOfThisAct || second.op === 'INSERT' ? null : shaped(({ before, row }) => before ?? row);
  return { op: second.op, table: second.table, columns: shaped(({ row }) => row), standing };
}

function valueOf(type: string, [first, second]: readonly [string | null, string | null]): Value {
  if (second !== null && type === 'bytea') {
    // '\x' and two digits a byte.
    const bytes = second.length / 2 - 1;
    return { kind: first === second ? 'standing' : 'fresh', name: second, bytes };
  }
  if (first === second || first === null || second === null) return { kind: 'same', text: second };
  if (!/^-?\d+$/.test(second)) return { kind: 'same', text: second };
  return { kind: 'counting', first: BigInt(second), step: BigInt(second) - BigInt(first) };
}

function bytesOf(writes: readonly TracedWrite[]): number {
  const written = writes.filter(({ op }) => op !== 'DELETE').flatMap(({ row }) => Object.values(row));
  return written.reduce((sum, text) => sum + sizeOf(text), 0);
}

function sizeOf(text: string | null): number {
  if (text === null) return 0;
  return text.startsWith('\\x') ? text.length / 2 - 1 : text.length;
}
