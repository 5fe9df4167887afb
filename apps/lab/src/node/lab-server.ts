import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, migrate, startEmbeddedPostgres } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { LAB_FOLDER } from './lab-folder.js';
import { labDatabase } from './variants.js';

/** A PostgreSQL of the lab's own, in a folder that goes with it. */
export interface LabServer {
  /** `18.4` */
  readonly version: string;
  /** A new, migrated database. What it holds goes with the server. */
  open(options: LabDatabaseOptions): Promise<DataSource>;
  /** Ends whatever a database's connections are doing, as a server does that shuts down. */
  cut(db: DataSource): Promise<void>;
  close(): Promise<void>;
}

export interface LabDatabaseOptions {
  readonly poolSize: number;
  /** Whether a commit waits for the disk. Load is measured with it; simulations gain nothing by waiting. */
  readonly isDurable: boolean;
}

const TEMPLATE = 'musubi_lab';
/** Some thousand messages' worth, of all databases together. */
const KEPT_LOG = '256MB';

/** @param within the folder that its own is made in */
export async function startLabServer(within: string = tmpdir()): Promise<LabServer> {
  const dataDir = await mkdtemp(join(within, LAB_FOLDER));
  // A process that is made to exit leaves nothing behind either.
  const clear = (): void => {
    rmSync(dataDir, { recursive: true, force: true });
  };
  process.once('exit', clear);
  const server = await startEmbeddedPostgres({ dataDir });
  const cluster = new Cluster(server.url);
  await cluster.makeTemplate();
  return {
    version: await cluster.version(),
    open: (options) => cluster.open(options),
    cut: (db) => cluster.cut(db),
    close: async () => {
      await server.stop('immediate');
      await rm(dataDir, { recursive: true, force: true });
      process.off('exit', clear);
    },
  };
}

/** The databases of one server: a migrated template, and copies of it. */
class Cluster {
  private opened = 0;

  constructor(private readonly url: string) {}

  async makeTemplate(): Promise<void> {
    await this.keepLog();
    await this.administer((db) => db.query(`create database ${TEMPLATE}`));
    const template = await this.connect(TEMPLATE, 1);
    await migrate(template);
    await template.destroy();
  }

  /** What is read of the write-ahead log is read now and then, and must not be recycled in between. */
  private async keepLog(): Promise<void> {
    await this.administer(async (db) => {
      await db.query(`alter system set wal_keep_size = '${KEPT_LOG}'`);
      await db.query('select pg_reload_conf()');
    });
  }

  async version(): Promise<string> {
    const [row] = await this.administer((db) =>
      db.query<{ server_version: string }[]>('show server_version'),
    );
    return row?.server_version ?? '';
  }

  async open({ poolSize, isDurable }: LabDatabaseOptions): Promise<DataSource> {
    this.opened += 1;
    const name = `${TEMPLATE}_${this.opened}`;
    await this.administer(async (db) => {
      await db.query(`create database ${name} template ${TEMPLATE}`);
      if (!isDurable) await db.query(`alter database ${name} set synchronous_commit = off`);
    });
    return this.connect(name, poolSize);
  }

  async cut({ options: { database } }: DataSource): Promise<void> {
    await this.administer((db) =>
      db.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database]),
    );
  }

  private connect(name: string, poolSize: number): Promise<DataSource> {
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    const db = createDataSource({ ...labDatabase, url: url.href, poolSize });
    return db.setOptions({ database: name }).initialize();
  }

  private async administer<Result>(work: (db: DataSource) => Promise<Result>): Promise<Result> {
    const db = await createDataSource({
      entities: [],
      migrations: [],
      url: this.url,
      poolSize: 1,
    }).initialize();
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }
}
