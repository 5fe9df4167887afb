import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, migrate, startEmbeddedPostgres } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { labDatabase } from './variants.js';

/** A PostgreSQL of the lab's own, in a folder that goes with it. */
export interface LabServer {
  /** `18.4` */
  readonly version: string;
  /** A new, migrated database. What it holds goes with the server. */
  open(options: LabDatabaseOptions): Promise<DataSource>;
  close(): Promise<void>;
}

export interface LabDatabaseOptions {
  readonly poolSize: number;
  /** Whether a commit waits for the disk. Load is measured with it; simulations gain nothing by waiting. */
  readonly isDurable: boolean;
}

const TEMPLATE = 'musubi_lab';

export async function startLabServer(): Promise<LabServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'musubi-lab-'));
  const server = await startEmbeddedPostgres({ dataDir });
  const urlOf = (name: string): string => {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const onServer = async <Result>(work: (db: DataSource) => Promise<Result>): Promise<Result> => {
    const db = await createDataSource({
      entities: [],
      migrations: [],
      url: server.url,
      poolSize: 1,
    }).initialize();
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  };
  let opened = 0;
  await onServer((db) => db.query(`create database ${TEMPLATE}`));
  const template = await createDataSource({ ...labDatabase, url: urlOf(TEMPLATE), poolSize: 1 }).initialize();
  await migrate(template);
  await template.destroy();
  const version = await onServer(async (db) => {
    const [row] = await db.query<{ server_version: string }[]>('show server_version');
    return row?.server_version ?? '';
  });
  return {
    version,
    open: async ({ poolSize, isDurable }) => {
      opened += 1;
      const name = `${TEMPLATE}_${opened}`;
      await onServer(async (db) => {
        await db.query(`create database ${name} template ${TEMPLATE}`);
        if (!isDurable) await db.query(`alter database ${name} set synchronous_commit = off`);
      });
      return createDataSource({ ...labDatabase, url: urlOf(name), poolSize }).initialize();
    },
    close: async () => {
      await server.stop('immediate');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
