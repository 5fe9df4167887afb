import { type ShapedColumn, type ShapedWrite } from './act-shape.js';

/** Writes of one kind to one table, one after another in one transaction: one statement. */
export interface WriteGroup {
  readonly op: ShapedWrite['op'];
  readonly table: string;
  readonly writes: readonly ShapedWrite[];
}

/** Neighbours that insert into one table go together; an update or delete stands alone. */
export function groupsOf(writes: readonly ShapedWrite[]): readonly WriteGroup[] {
  const groups: WriteGroup[] = [];
  for (const write of writes) {
    const last = groups.at(-1);
    const { op, table } = write;
    if (last !== undefined && op === 'INSERT' && last.op === op && last.table === table) {
      groups.splice(-1, 1, { ...last, writes: [...last.writes, write] });
    } else groups.push({ op, table, writes: [write] });
  }
  return groups;
}

/** The columns whose values a statement takes for one row, in its order. */
export function parametersOf({ op, columns }: ShapedWrite): readonly ShapedColumn[] {
  const keys = columns.filter(({ isKey }) => isKey);
  if (op === 'INSERT') return columns;
  return op === 'DELETE' ? keys : [...keys, ...changed(columns)];
}

/** For the rows of one act. */
export function rowStatement({ op, table, writes }: WriteGroup): string {
  const [first] = writes;
  if (first === undefined) throw new Error('no write');
  if (op === 'INSERT') {
    const width = first.columns.length;
    const rows = writes.map(
      (_, row) => `(${first.columns.map((_, at) => `$${row * width + at + 1}`).join()})`,
    );
    return `insert into ${table} (${namesOf(first.columns)}) values ${rows.join()}`;
  }
  const places = parametersOf(first).map(({ name }, at) => `${name} = $${at + 1}`);
  const keys = first.columns.filter(({ isKey }) => isKey).length;
  const where = places.slice(0, keys).join(' and ');
  if (op === 'DELETE') return `delete from ${table} where ${where}`;
  return `update ${table} set ${places.slice(keys).join()} where ${where}`;
}

/** For the rows of many acts: each parameter is an array. */
export function batchStatement({ op, table, writes }: WriteGroup): string {
  const [first] = writes;
  if (first === undefined) throw new Error('no write');
  const columns = parametersOf(first);
  const rows = `unnest(${columns.map(({ type }, at) => `$${at + 1}::${type}[]`).join()})`;
  if (op === 'INSERT') return `insert into ${table} (${namesOf(columns)}) select * from ${rows}`;
  const given = `${rows} as given (${namesOf(columns)})`;
  const keys = columns.filter(({ isKey }) => isKey);
  const where = keys.map(({ name }) => `${table}.${name} = given.${name}`).join(' and ');
  if (op === 'DELETE') return `delete from ${table} using ${given} where ${where}`;
  const set = changed(columns).map(({ name }) => `${name} = given.${name}`);
  return `update ${table} set ${set.join()} from ${given} where ${where}`;
}

const namesOf = (columns: readonly ShapedColumn[]): string => columns.map(({ name }) => name).join();

const changed = (columns: readonly ShapedColumn[]): readonly ShapedColumn[] =>
  columns.filter(({ isKey, isChanged }) => isChanged && !isKey);
