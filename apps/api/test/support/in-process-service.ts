import { createLogger, readConfig, serviceDatabase, startService } from '@musubi/api';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { Client } from './client.js';

/** The whole service, in this process, on a database of its own, at a free port. */
export interface InProcessService {
  readonly client: Client;
  readonly database: TestDatabase;
  /** Everything that was logged, at level trace. */
  log(): string;
  /** Rows in all tables: unchanged means nothing was written. */
  rows(): Promise<number>;
  close(): Promise<void>;
}

export async function startInProcess(
  environment: Readonly<Record<string, string>> = {},
): Promise<InProcessService> {
  const database = await openTestDatabase(serviceDatabase);
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    NODE_SECRET: toBase64Url(randomBytes(32)),
    LOG_LEVEL: 'trace',
    RATE_LIMIT_PER_SECOND: '10000',
    DATABASE_POOL: '8',
    ...environment,
  });
  const lines: string[] = [];
  const service = await startService(config, createLogger(config, { write: (line) => lines.push(line) }));
  return {
    client: new Client(service.url),
    database,
    log: () => lines.join(''),
    rows: () => countRows(database),
    close: async () => {
      await service.close();
      await database.close();
    },
  };
}

async function countRows({ dataSource }: TestDatabase): Promise<number> {
  const tables = dataSource.entityMetadatas.map(({ tableName }) => `(select count(*) from "${tableName}")`);
  const [row] = await dataSource.query<{ rows: string }[]>(`select ${tables.join(' + ')} as rows`);
  return Number(row?.rows);
}
