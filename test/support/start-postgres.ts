import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as database from '@musubi/database';
import type * as launcher from '@musubi/embedded-postgres';
// Jest compiles this file, alone, to CommonJS and loads the rest with Node, which cannot read the packages' .ts files:
// hence the loader. `importSource` is needed too, as an `import()` written here would be compiled into a `require`.
import { importSource } from './ts-loader.js';

const PREFIX = 'musubi-test-';
const SWEEP_AFTER_MS = 600_000;

type Database = typeof database;
type Launcher = typeof launcher;

interface Durability {
  readonly isDurable: boolean;
}

/** Gives all test files one server: DATABASE_URL if set, else an embedded one in a temporary folder, without fsync. */
export default function startPostgres(): Promise<void> {
  return provide({ isDurable: false });
}

/** The same for a benchmark, whose commits wait for the disk as the service's do. */
export function startDurablePostgres(): Promise<void> {
  return provide({ isDurable: true });
}

async function provide(options: Durability): Promise<void> {
  const own = process.env['DATABASE_URL'];
  process.env['MUSUBI_TEST_DATABASE_URL'] =
    own === undefined || own === '' ? await startEmbedded(options) : own;
}

async function startEmbedded({ isDurable }: Durability): Promise<string> {
  const { createDataSource } = (await importSource('@musubi/database')) as Database;
  const { startEmbeddedPostgres, isDataDirectoryInUse } = (await importSource(
    '@musubi/embedded-postgres',
  )) as Launcher;
  await sweep(isDataDirectoryInUse);
  const dataDir = await mkdtemp(join(tmpdir(), PREFIX));
  const server = await startEmbeddedPostgres({ dataDir, isDurable });
  // Dropping a database makes a checkpoint, after which a server keeps no log that some test may still read.
  const db = createDataSource({ entities: [], migrations: [], url: server.url, poolSize: 1 });
  await db.initialize();
  await db.query(`alter system set wal_keep_size = '256MB'`);
  await db.query('select pg_reload_conf()');
  await db.destroy();
  globalThis.stopTestPostgres = async () => {
    await server.stop('immediate');
    await rm(dataDir, { recursive: true, force: true });
  };
  return server.url;
}

/** A run that was interrupted leaves its folder behind (some 60 MB), with no one in it. */
async function sweep(isInUse: Launcher['isDataDirectoryInUse']): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const dataDir = join(tmpdir(), name);
    if (!(await isOld(dataDir)) || (await isInUse(dataDir))) continue;
    // Another user's folder looks unused, and cannot be removed.
    await rm(dataDir, { recursive: true }).catch(() => undefined);
  }
}

/** A young folder may belong to a run that is just starting and has not claimed it yet. */
async function isOld(path: string): Promise<boolean> {
  // Another run may be removing it just now.
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && Date.now() - status.mtimeMs > SWEEP_AFTER_MS;
}
