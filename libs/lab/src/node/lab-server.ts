import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, migrate } from '@musubi/database';
import { startEmbeddedPostgres } from '@musubi/embedded-postgres';
import { type DataSource } from 'typeorm';
import { MachineWatch } from '../machine/machine-watch.js';
import { LAB_FOLDER } from './lab-folder.js';
import { labDatabase } from './variants.js';

/** A PostgreSQL of the lab's own, in a folder that goes with it. */
export interface LabServer {
  /** `18.4` */
  readonly version: string;
  /** A new, migrated database. What it holds goes with the server. */
  open(options: LabDatabaseOptions): Promise<DataSource>;
  /** Drops a database whose connections are closed: what nobody looks at any more need not come to the disk. */
  drop(db: DataSource): Promise<void>;
  /** What the server and this process wrote to disks since it was started; `null` where the system does not tell. */
  writtenBytes(): number | null;
  /** Ends whatever a database's connections are doing, as a server does that shuts down. */
  cut(db: DataSource): Promise<void>;
  close(): Promise<void>;
}

interface LabDatabaseOptions {
  readonly poolSize: number;
  /** Whether a commit waits for the disk. Load is measured with it; simulations gain nothing by waiting. */
  readonly isDurable: boolean;
}

const TEMPLATE = 'musubi_lab';
/** Some thousand messages' worth, of all databases together. */
const KEPT_LOG = '256MB';

/** @param within the folder that its own is made in */
export async function startLabServer(within: string = tmpdir()): Promise<LabServer> {
  const machine = new MachineWatch();
  const before = machine.writtenBytes();
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
    drop: (db) => cluster.drop(db),
    writtenBytes: () => {
      const now = machine.writtenBytes();
      return now === null || before === null ? null : now - before;
    },
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
    await this.configureLog();
    await this.administer((db) => db.query(`create database ${TEMPLATE}`));
    const template = await this.connect(TEMPLATE, 1);
    await migrate(template);
    await template.destroy();
  }

  /**
   * What is read of the write-ahead log is read now and then, and must not be recycled in between. Its files are not
   * filled with zeros first, nor used again: that writes them twice, and Linux (6.18, ext4) keeps such a file in pages of
   * a megabyte, all of which count as written with each commit of 8 kB: 62.9 MB for 60 commits instead of 0.5.
   */
  private async configureLog(): Promise<void> {
    await this.administer(async (db) => {
      await db.query(`alter system set wal_keep_size = '${KEPT_LOG}'`);
      await db.query('alter system set wal_init_zero = off');
      await db.query('alter system set wal_recycle = off');
      await db.query('select pg_reload_conf()');
    });
    while (await this.fillsLogFiles());
    // The first file was filled when the cluster was made.
    await this.administer((db) => db.query('select pg_switch_wal()'));
  }

  /** Asked on a new connection, which has what the server has read of its configuration by now. */
  private async fillsLogFiles(): Promise<boolean> {
    const [row] = await this.administer((db) => db.query<{ wal_init_zero: string }[]>('show wal_init_zero'));
    return row?.wal_init_zero !== 'off';
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

  async drop({ options: { database } }: DataSource): Promise<void> {
    await this.administer((db) => db.query(`drop database "${String(database)}" with (force)`));
  }

  private connect(name: string, poolSize: number): Promise<DataSource> {
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    const db = createDataSource({ ...labDatabase, url: url.href, poolSize, isUnhurried: true });
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
