import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type StrategyName } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { type TestDatabase } from '@musubi/database/testing';

/** Whose tables, and how to read in them. */
export interface Stored {
  readonly strategy: StrategyName;
  readonly database: TestDatabase;
  readonly agents: readonly AgentPubKey[];
  keysOf(agent: AgentPubKey): AgentKeys;
  /** The agent's own, where there are several. */
  databaseOf?(agent: AgentPubKey): TestDatabase;
}

async function numberOf(db: DataSource, sql: string, parameters: unknown[] = []): Promise<number> {
  const [row] = await db.query<{ number: number }[]>(`select (${sql})::int as number`, parameters);
  if (row === undefined) throw new Error('no number came back');
  return row.number;
}

/** What a holder's tables have of a message, tombstones included. */
export async function rowsOf(
  stored: Stored,
  holder: AgentPubKey,
  message: MessageId,
): Promise<{ readonly messages: number; readonly receipts: number }> {
  const { strategy, database } = stored;
  const { dataSource } = stored.databaseOf?.(holder) ?? database;
  const name = [fromBase64Url(holder), blindedKey(stored.keysOf(holder), message)];
  return {
    messages: await numberOf(
      dataSource,
      'select count(*) from history where holder = $1 and key = $2 and placement = $3',
      [...name, strategy],
    ),
    receipts: await numberOf(dataSource, 'select count(*) from receipt where holder = $1 and key = $2', name),
  };
}

/** Everything that is stored: unchanged means that nothing was written. */
export function countRows({ database: { dataSource } }: Pick<Stored, 'database'>): Promise<number> {
  const tables = dataSource.entityMetadatas.map(({ tableName }) => `(select count(*) from "${tableName}")`);
  return numberOf(dataSource, `select ${tables.join(' + ')}`);
}

/** How many steps of these agents are pending and not given up. */
export function owedSteps({ agents, database }: Pick<Stored, 'agents' | 'database'>): Promise<number> {
  return numberOf(
    database.dataSource,
    'select count(*) from outbox where not is_failed and holder = any($1::bytea[])',
    [agents.map((agent) => fromBase64Url(agent))],
  );
}

/** How many sessions wait for a lock that another holds. */
export function waitingSessions({ database: { dataSource } }: Pick<Stored, 'database'>): Promise<number> {
  return numberOf(
    dataSource,
    `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
}

type DhtTable = 'dht_entry' | 'dht_link';

/** Rows that the authorities do not show yet. */
interface Hidden {
  show(): Promise<void>;
}

/** Takes every row out of a table of the DHT that is not among the known ones. */
export async function hide(
  { database: { dataSource } }: Pick<Stored, 'database'>,
  table: DhtTable,
  known: ReadonlySet<string>,
): Promise<Hidden> {
  const rows = await dataSource.query<Record<string, unknown>[]>(`select * from ${table}`);
  const hidden = rows.filter((row) => !known.has(nameOf(row)));
  for (const { hash } of hidden) await dataSource.query(`delete from ${table} where hash = $1`, [hash]);
  return {
    async show() {
      for (const row of hidden) {
        const columns = Object.keys(row);
        const places = columns.map((_, index) => `$${index + 1}`).join(', ');
        await dataSource.query(
          `insert into ${table} (${columns.join(', ')}) values (${places})`,
          Object.values(row),
        );
      }
    },
  };
}

/** The rows of a table of the DHT, by name. */
export async function shown(
  { database: { dataSource } }: Pick<Stored, 'database'>,
  table: DhtTable,
): Promise<ReadonlySet<string>> {
  const rows = await dataSource.query<Record<string, unknown>[]>(`select * from ${table}`);
  return new Set(rows.map(nameOf));
}

/** The bodies of the entries that are not among the known ones. */
export async function lettersBeyond(
  { database: { dataSource } }: Pick<Stored, 'database'>,
  known: ReadonlySet<string>,
): Promise<readonly Uint8Array[]> {
  const rows = await dataSource.query<{ hash: Uint8Array; body: Uint8Array }[]>(
    'select hash, body from dht_entry',
  );
  return rows.filter((row) => !known.has(nameOf(row))).map(({ body }) => body);
}

function nameOf({ hash }: Readonly<Record<string, unknown>>): string {
  return hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '';
}
