import { chmod, mkdir, realpath } from 'node:fs/promises';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { findBinaries, type Binaries } from './binaries.js';
import { DATABASE, ensureCluster, ROLE } from './cluster.js';
import { dataLayout, type DataLayout } from './data-layout.js';
import { EmbeddedPostgresLostError, EmbeddedPostgresStartError } from './embedded-postgres.errors.js';
import { chooseLauncher, type Launcher } from './launcher.js';
import { linkLibraries } from './libraries.js';
import { acquireOwnerLock, type OwnerLock } from './owner-lock.js';
import { choosePort, HOST, rememberPort } from './port.js';
import { clearPreviousServer } from './previous-server.js';
import { becomesReady } from './readiness.js';
import { logSince, logSize } from './server-log.js';
import { launchServer, type ServerProcess, type StopMode } from './server-process.js';

const ATTEMPTS = 5;
const WAIT_BETWEEN_ATTEMPTS_MS = 200;

export interface EmbeddedPostgresOptions {
  /** The folder that holds everything; made, with mode 0700, if absent. One process at a time. */
  readonly dataDir: string;
  /** Told in a sentence what happens. */
  readonly log?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://…@127.0.0.1:port/postgres`, with the password: do not log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server has ended although nobody asked it to. */
  readonly lost: Promise<EmbeddedPostgresLostError>;
  /** Resolves when the server is gone and the folder is free; `fast` when absent. Repeatable. */
  stop(mode?: StopMode): Promise<void>;
}

/**
 * Starts a real PostgreSQL on the data folder, making the cluster at the first start, and waits until it answers.
 * Commits are durable. The server ends with this process, even when that is killed (on Linux; elsewhere the next
 * start finds it and stops it).
 *
 * @throws EmbeddedPostgresUnavailableError when this machine cannot run it
 * @throws DataDirectoryInUseError when another live process runs a server on the folder
 * @throws EmbeddedPostgresStartError when it does not come up
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findBinaries();
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const layout = dataLayout(await realpath(options.dataDir));
  const lock = await acquireOwnerLock(layout.root);
  try {
    await chmod(layout.root, 0o700);
    const libraryEnv = await linkLibraries(binaries.packageDir, layout.libraries);
    const launcher = await chooseLauncher(binaries, layout, libraryEnv);
    const password = await ensureCluster(layout, launcher, binaries.initdb);
    await clearPreviousServer(layout.pgdata);
    const server = await bringUp({ binaries, layout, launcher, password });
    const url = urlOf(server.port, password);
    return handOver(server, { lock, url, serverLog: layout.log, log: options.log });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Setup {
  readonly binaries: Binaries;
  readonly layout: DataLayout;
  readonly launcher: Launcher;
  readonly password: string;
}

/** Retried, since the port may be taken in between, and the memory of a killed server lives on for an instant. */
async function bringUp(setup: Setup): Promise<ServerProcess> {
  const { binaries, layout, launcher, password } = setup;
  const logStart = await logSize(layout.log);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = await choosePort(layout.port);
    const server = await launchServer({ postgres: binaries.postgres, port }, layout, launcher);
    if (await readyOrStopped(server, urlOf(port, password))) {
      await rememberPort(layout.port, port);
      return server;
    }
    await sleepFor(WAIT_BETWEEN_ATTEMPTS_MS);
  }
  const tail = await logSince(layout.log, logStart);
  throw new EmbeddedPostgresStartError(
    `PostgreSQL ended ${ATTEMPTS} times while starting. Its log says:\n${tail}`,
  );
}

async function readyOrStopped(server: ServerProcess, url: string): Promise<boolean> {
  try {
    return await becomesReady(server, url);
  } catch (error) {
    // Another server may have got the port and refused us; ours, which then finds it taken, ends in a moment.
    await Promise.race([server.ended, sleepFor(WAIT_BETWEEN_ATTEMPTS_MS)]);
    if (server.hasEnded()) return false;
    await server.stop('immediate');
    throw error;
  }
}

interface Handover {
  readonly lock: OwnerLock;
  readonly url: string;
  readonly serverLog: string;
  readonly log: ((message: string) => void) | undefined;
}

function handOver(server: ServerProcess, { lock, url, serverLog, log }: Handover): EmbeddedPostgres {
  const { pid, port } = server;
  let isStopping = false;
  const lost = new Promise<EmbeddedPostgresLostError>((resolve) => {
    void server.ended.then(() => {
      if (!isStopping) resolve(new EmbeddedPostgresLostError(pid, serverLog));
    });
  });
  void lost.then(({ message }) => log?.(message));
  const freed = server.ended.then(() => lock.release());
  // Whoever awaits stop() is told; an unexpected end must not become an unhandled rejection besides.
  freed.catch(() => undefined);
  log?.(`PostgreSQL (process ${pid}) listens on ${HOST}:${port}.`);
  const stop = async (mode: StopMode = 'fast'): Promise<void> => {
    isStopping = true;
    await server.stop(mode);
    await freed;
  };
  return { url, port, pid, lost, stop };
}

function urlOf(port: number, password: string): string {
  return `postgres://${ROLE}:${password}@${HOST}:${port}/${DATABASE}`;
}
