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

/** For the rows of one act; its parameters are numbered from `first` on. */
export function rowStatement({ op, table, writes }: WriteGroup, first = 1): string {
  const [write] = writes;
  if (write === undefined) throw new Error('no write');
  const columns = parametersOf(write);
  if (op === 'INSERT') {
    const rows = writes.map((_, row) => placesFrom(first + row * columns.length, columns.length).join());
    return `insert into ${table} (${namesOf(columns)}) values ${rows.map((row) => `(${row})`).join()}`;
  }
  const places = placesFrom(first, columns.length).map(
    (place, at) => `${columns[at]?.name ?? ''} = ${place}`,
  );
  const keys = columns.filter(({ isKey }) => isKey).length;
  const where = places.slice(0, keys).join(' and ');
  if (op === 'DELETE') return `delete from ${table} where ${where}`;
  return `update ${table} set ${places.slice(keys).join()} where ${where}`;
}

/** All that one transaction writes as one statement, which tells how many rows there were. */
export function joinedStatement(groups: readonly WriteGroup[]): string {
  let first = 1;
  const parts = groups.map((group, at) => {
    const part = `w${at} as (${rowStatement(group, first)} returning 1)`;
    first += group.writes.reduce((sum, write) => sum + parametersOf(write).length, 0);
    return part;
  });
  const counts = groups.map((_, at) => `(select count(*) from w${at})`);
  return `with ${parts.join()} select (${counts.join(' + ')})::int as rows`;
}

const placesFrom = (first: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `$${first + at}`);

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
