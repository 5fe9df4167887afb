import { fromBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type AgentTable, type TablesOfAgents } from '../../tables/agent-tables.js';

/** A value as PostgreSQL's client gives and takes it. */
export type Value = null | boolean | number | string | Uint8Array;

interface OwnerOfRows {
  readonly agent: AgentPubKey;
  /** Under which it writes besides. */
  readonly names: readonly AgentPubKey[];
}

/** Some rows of one table. */
export interface RowsPart {
  readonly table: AgentTable;
  readonly rows: readonly (readonly Value[])[];
}

interface Spaced {
  readonly space: Uint8Array;
  readonly author: Uint8Array;
}

/** All rows of an agent, page by page: of one that nothing is written for. */
export async function* rowsOfAgent(
  db: Sql,
  tables: TablesOfAgents,
  { agent, names }: OwnerOfRows,
): AsyncGenerator<RowsPart> {
  const owner = fromBase64Url(agent);
  for (const table of tables.ofHolder) yield* pagesOf(db, table, { owner, space: null });
  const authors = [agent, ...names].map((name) => fromBase64Url(name));
  const chains = await db.query<Spaced[]>(
    'select space, author from chain_head where author = any($1::bytea[])',
    [authors],
  );
  for (const { space, author } of chains) {
    for (const table of tables.ofSpaces) yield* pagesOf(db, table, { owner: author, space });
  }
}

/** What the agent's contacts on `global-dht` have sealed. */
export async function sealedContacts(db: Sql, agent: AgentPubKey): Promise<readonly Uint8Array[]> {
  const sql = 'select sealed from mailbox_contact where holder = $1';
  const rows = await db.query<{ sealed: Uint8Array }[]>(sql, [fromBase64Url(agent)]);
  return rows.map(({ sealed }) => sealed);
}

/** Which of a part's values are in the column. */
export function valuesOf({ table, rows }: RowsPart, column: string): readonly (Value | undefined)[] {
  const index = table.columns.indexOf(column);
  return rows.map((row) => row[index]);
}

/** Removes whatever is left of an agent that has lived here before. */
export async function forgetAgent(
  tx: Sql,
  tables: TablesOfAgents,
  { agent, names }: OwnerOfRows,
): Promise<void> {
  const authors = [agent, ...names].map((name) => fromBase64Url(name));
  const spaces = `(select space from chain_head where author = any($1::bytea[]))`;
  for (const { name, owner } of tables.ofSpaces) {
    await tx.query(`delete from ${name} where space in ${spaces} and ${owner} = any($1::bytea[])`, [authors]);
  }
  // What is referred to goes after what refers to it.
  for (const { name, owner } of [...tables.ofHolder].reverse()) {
    await tx.query(`delete from ${name} where ${owner} = $1`, [fromBase64Url(agent)]);
  }
}

interface Scope {
  readonly owner: Uint8Array;
  readonly space: Uint8Array | null;
}

async function* pagesOf(db: Sql, table: AgentTable, scope: Scope): AsyncGenerator<RowsPart> {
  let after: readonly Value[] | null = null;
  do {
    const rows: readonly Readonly<Record<string, Value>>[] = await pageOf(db, table, { ...scope, after });
    if (rows.length > 0) yield { table, rows: rows.map((row) => cellsOf(row, table.columns)) };
    const last = rows.at(-1);
    after = rows.length < table.page || last === undefined ? null : cellsOf(last, orderOf(table, scope));
  } while (after !== null);
}

function pageOf(
  db: Sql,
  table: AgentTable,
  { owner, space, after }: Scope & { readonly after: readonly Value[] | null },
): Promise<readonly Readonly<Record<string, Value>>[]> {
  const fixed = space === null ? [owner] : [owner, space];
  const order = orderOf(table, { owner, space });
  const place = order.map((_, index) => `$${fixed.length + index + 1}`);
  const isOfSpace = space === null ? '' : ' and space = $2';
  const isAfter = after === null || order.length === 0 ? '' : ` and (${order.join()}) > (${place.join()})`;
  const inOrder = order.length === 0 ? '' : ` order by ${order.join()}`;
  const sql = `select ${table.columns.join()} from ${table.name}
    where ${table.owner} = $1${isOfSpace}${isAfter}${inOrder} limit ${table.page}`;
  return db.query(sql, [...fixed, ...(after ?? [])]);
}

function orderOf({ order }: AgentTable, { space }: Scope): readonly string[] {
  return space === null ? order : order.filter((column) => column !== 'space');
}

function cellsOf(row: Readonly<Record<string, Value>>, columns: readonly string[]): readonly Value[] {
  return columns.map((column) => row[column] ?? null);
}
