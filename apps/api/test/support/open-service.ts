import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { untilEqual } from '../../../../test/support/until.js';
import { serviceDatabase } from '../../src/node/database.js';
import { startServiceProcess } from './service-process.js';

export interface TestService {
  readonly url: string;
  readonly pid: number;
  readonly database: TestDatabase;
  /** Everything that was printed and logged. */
  log(): string;
  /** Rows in all tables that a request can write to: unchanged means nothing was written. */
  rows(): Promise<number>;
  /** Waits until no step is left in the outbox: what was acknowledged is where it belongs. */
  untilCarried(): Promise<unknown>;
  /** The exit code, or `null` when a signal killed it, once it has ended. */
  readonly ended: Promise<number | null>;
  close(): Promise<void>;
}

/** What seals unattended agents' keys there. */
export const NODE_SECRET = `${'a'.repeat(42)}A`;

/** The whole service, in a process of its own, on a database of its own, at a free port. */
export async function openService(environment: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const database = await openTestDatabase(serviceDatabase);
  const service = await startServiceProcess({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET,
    LOG_LEVEL: 'trace',
    RATE_LIMIT_PER_SECOND: '10000',
    DATABASE_POOL: '8',
    ...environment,
  });
  return {
    url: service.url,
    pid: service.pid,
    database,
    log: () => service.output(),
    rows: () => countRows(database),
    untilCarried: () => untilEqual(0, () => countSteps(database)),
    ended: service.ended,
    close: async () => {
      await service.end('SIGTERM');
      await database.close();
    },
  };
}

/** A service that runs for a minute begins a period, and after five it lets go of arrivals, whatever it is asked. */
const WRITTEN_IN_TIME: ReadonlySet<string> = new Set(['dht_arrival', 'dht_feed', 'dht_period']);

async function countRows({ dataSource }: TestDatabase): Promise<number> {
  const tables = dataSource.entityMetadatas
    .filter(({ tableName }) => !WRITTEN_IN_TIME.has(tableName))
    .map(({ tableName }) => `(select count(*) from "${tableName}")`);
  const [row] = await dataSource.query<{ rows: string }[]>(`select ${tables.join(' + ')} as rows`);
  return Number(row?.rows);
}

async function countSteps({ dataSource }: TestDatabase): Promise<number> {
  const [row] = await dataSource.query<{ steps: string }[]>('select count(*) as steps from outbox');
  return Number(row?.steps);
}
