import { chmod, realpath } from 'node:fs/promises';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { ResilientClient } from '@musubi/database';
import { findBinaries, type Binaries } from './binaries.js';
import { DATABASE, ensureCluster, ROLE } from './cluster.js';
import { dataLayout, type DataLayout } from './data-layout.js';
import { type EmbeddedPostgresLostError, EmbeddedPostgresStartError } from './embedded-postgres.errors.js';
import { FreeSpace } from './free-space.js';
import { chooseLauncher } from './launcher.js';
import { linkLibraries } from './libraries.js';
import { makeFolder } from './make-folder.js';
import { acquireOwnerLock } from './owner-lock.js';
import { clearPreviousServer, disarm } from './previous-server.js';
import { becomesReady } from './readiness.js';
import { logSince, logSize, rotateLog } from './server-log.js';
import { launchServer, type ServerLauncher, type ServerProcess, type StopMode } from './server-process.js';
import { makeSocketFolder, removeSockets, SOCKET_PORT } from './socket-folder.js';
import { Supervisor } from './supervisor.js';

const ATTEMPTS = 5;
const WAIT_BETWEEN_ATTEMPTS_MS = 200;
const CONNECT_MS = 5_000;

export interface EmbeddedPostgresOptions {
  /** The folder that holds everything; made, with mode 0700, if absent. One process at a time. */
  readonly dataDir: string;
  /** Told in a sentence what happens. */
  readonly log?: (message: string) => void;
  /** Aborted: the start gives up, and leaves nothing running. A server that has started is not affected. */
  readonly signal?: AbortSignal;
  /** Told in a sentence what should not happen: a server that ends, and one that was started again. */
  readonly warn?: (message: string) => void;
  /** Told when the volume of the folder has no room left to write, and when it has again. */
  readonly onSpace?: (hasRoom: boolean) => void;
  /** False: nothing is forced to the disk, and a crash of the machine destroys the data. For tests. True when absent. */
  readonly isDurable?: boolean;
}

export interface EmbeddedPostgres {
  /** `postgres://…@<folder of the socket, percent-encoded>:5432/postgres`, with the password: do not log it. */
  readonly url: string;
  /** Of the server that runs now: one that ends by itself is started again, at the same URL. */
  readonly pid: number;
  /** Resolves when the server has ended although nobody asked it to, and does not start again. */
  readonly lost: Promise<EmbeddedPostgresLostError>;
  /** False while the volume of the folder is full, or nearly so: what writes should wait. */
  hasRoom(): boolean;
  /**
   * Resolves when the server is gone and the folder is free. Repeatable.
   *
   * @param mode `fast` when absent
   * @param withinMs until it is killed; 9 s when absent
   */
  stop(mode?: StopMode, withinMs?: number): Promise<void>;
}

/**
 * Starts a real PostgreSQL on the data folder, making the cluster at the first start, and waits until it answers, on a
 * Unix socket that only we and root can reach. Commits are durable by default. The server ends with this process, even when that
 * is killed (on Linux; elsewhere the next start finds it and stops it).
 *
 * @throws EmbeddedPostgresUnavailableError when this machine cannot run it
 * @throws DataDirectoryInUseError when another live process runs a server on the folder
 * @throws EmbeddedPostgresStartError when it does not come up
 * @throws what `signal` was aborted with
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { signal = new AbortController().signal, isDurable = true } = options;
  const binaries = findBinaries();
  await makeFolder(options.dataDir, 0o700);
  const layout = dataLayout(await realpath(options.dataDir));
  const held = new Held();
  try {
    const owner = await acquireOwnerLock(layout.root, signal);
    held.add(() => owner.release());
    await chmod(layout.root, 0o700);
    const serverLock = await clearPreviousServer(layout, signal);
    held.add(() => serverLock?.release());
    const libraryEnv = await linkLibraries(binaries.packageDir, layout.libraries);
    const launcher = await chooseLauncher(binaries, layout, libraryEnv);
    const program = { ...launcher, lockFd: serverLock?.fd, isDurable };
    const password = await ensureCluster(layout, { ...program, initdb: binaries.initdb }, signal);
    const sockets = await makeSocketFolder(layout, launcher.account);
    held.add(() => sockets.remove());
    const url = urlOf(sockets.path, password);
    const setup = { binaries, layout, program, url, sockets: sockets.path };
    const server = await bringUp(setup, signal);
    held.add(rotateLog(layout.log));
    const space = await watchSpace(setup, options.onSpace);
    held.add(() => {
      space.end();
    });
    return handOver(server, { setup, held, space, tell: options });
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** What a server needs for as long as it lives; given back in the opposite order. */
class Held {
  private readonly releases: (() => Promise<void> | void)[] = [];

  add(release: () => Promise<void> | void): void {
    this.releases.push(release);
  }

  async release(): Promise<void> {
    for (const release of this.releases.splice(0).reverse()) await release();
  }
}

interface Setup {
  readonly binaries: Binaries;
  readonly layout: DataLayout;
  readonly program: ServerLauncher;
  readonly url: string;
  readonly sockets: string;
}

/** Retried, since the memory of a killed server lives on for an instant. */
async function bringUp(
  { binaries, layout, program, url, sockets }: Setup,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const logStart = await logSize(layout.log);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    const server = await launchServer({ postgres: binaries.postgres, sockets }, layout, program);
    if (await readyOrStopped(server, url, signal)) return server;
    await sleepFor(WAIT_BETWEEN_ATTEMPTS_MS);
  }
  const tail = await logSince(layout.log, logStart);
  throw new EmbeddedPostgresStartError(
    `PostgreSQL ended ${ATTEMPTS} times while starting. Its log says:\n${tail}`,
  );
}

async function readyOrStopped(server: ServerProcess, url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await becomesReady(server, url, signal);
  } catch (error) {
    await server.stop('immediate');
    throw error;
  }
}

interface Handover {
  readonly setup: Setup;
  readonly held: Held;
  readonly space: FreeSpace;
  readonly tell: Pick<EmbeddedPostgresOptions, 'log' | 'warn'>;
}

function handOver(server: ServerProcess, { setup, held, space, tell }: Handover): EmbeddedPostgres {
  const supervisor = new Supervisor(server, {
    relaunch: (signal) => relaunch(setup, signal),
    space,
    serverLog: setup.layout.log,
    warn: (message) => tell.warn?.(message),
  });
  const freed = supervisor.over.finally(() => held.release());
  // stop() reports the error; an unexpected end must not become an unhandled rejection besides.
  freed.catch(() => undefined);
  tell.log?.(`PostgreSQL (process ${server.pid}) listens on a socket of its own.`);
  const lost = new Promise<EmbeddedPostgresLostError>((resolve) => {
    void supervisor.over.then((error) => {
      if (error !== null) resolve(error);
    });
  });
  return {
    url: setup.url,
    get pid() {
      return supervisor.pid;
    },
    lost,
    hasRoom: () => space.hasRoom(),
    stop: async (mode = 'fast', withinMs) => {
      await supervisor.stop(mode, withinMs);
      await freed;
    },
  };
}

/** A checkpoint gives back the segments of the log that are not needed any more, and has others used again. */
function watchSpace(
  { layout, program, url }: Setup,
  onSpace: EmbeddedPostgresOptions['onSpace'],
): Promise<FreeSpace> {
  return FreeSpace.watch({
    folder: layout.root,
    ballast: program.isDurable ? layout.ballast : null,
    onChange: (hasRoom) => {
      onSpace?.(hasRoom);
      if (!hasRoom) void makeCheckpoint(url).catch(() => undefined);
    },
  });
}

async function makeCheckpoint(url: string): Promise<void> {
  const client = new ResilientClient({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

/** On the same folder, whose locks are still ours. */
async function relaunch(setup: Setup, signal: AbortSignal): Promise<ServerProcess> {
  await disarm(setup.layout);
  await removeSockets(setup.sockets);
  return bringUp(setup, signal);
}

function urlOf(sockets: string, password: string): string {
  return `postgres://${ROLE}:${password}@${encodeURIComponent(sockets)}:${SOCKET_PORT}/${DATABASE}`;
}
