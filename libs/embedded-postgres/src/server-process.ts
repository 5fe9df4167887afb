import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type DataLayout } from './data-layout.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { type Launcher } from './launcher.js';
import { openLog } from './server-log.js';
import { SOCKET_PORT } from './socket-folder.js';

/** `fast` ends open transactions and writes a checkpoint; `immediate` just ends, and the next start recovers. */
export type StopMode = 'fast' | 'immediate';

/** For all the ways of stopping together, in milliseconds. */
const STOP_WITHIN_MS = 9_000;
/** An immediate shutdown waits five seconds for a process that hangs, and then kills it. */
const IMMEDIATE_MS = 5_300;
const KILLED_MS = 1_000;
/** A fast shutdown writes a checkpoint. It has what is left, and at least this much. */
const LEAST_FAST_MS = 500;

/** Said on the command line, so that an edited or older postgresql.conf cannot take durability away. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(SOCKET_PORT),
  max_connections: '100',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // What a statement did wrong is told to its client. Here it would fill the disk, and show who wrote when to whom.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  // Nothing is replicated, and with origins each checkpoint writes a file of theirs: on a full disk the server would panic.
  max_replication_slots: '0',
  max_active_replication_origins: '0',
};

/** Commits still reach the log's file before they are acknowledged, for a test that reads it. */
const WITHOUT_DURABILITY = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_init_zero: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
};

/** How to run the server, and how much its data are worth. */
export interface ServerLauncher extends Launcher {
  readonly lockFd: number | undefined;
  readonly isDurable: boolean;
}

export interface ServerProcess {
  readonly pid: number;
  hasEnded(): boolean;
  /**
   * Resolves when it is gone. A fast shutdown that takes too long becomes an immediate one, and then SIGKILL: the next
   * start recovers. Repeatable; a later `immediate` overtakes an earlier `fast`.
   *
   * @param withinMs until it is killed; 9 s when absent
   * @throws EmbeddedPostgresError when the kernel does not end it
   */
  stop(mode: StopMode, withinMs?: number): Promise<void>;
  /** Settles when the process is gone, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Launches the server in a session of its own: Ctrl-C in a terminal reaches the whole foreground group, and PostgreSQL
 * must outlive what is still being drained. Death with the parent still works, as it follows the launching thread; so
 * start it from the main thread, not from a worker. The child never keeps Node alive.
 */
export async function launchServer(
  command: { readonly postgres: string; readonly sockets: string },
  layout: DataLayout,
  launcher: ServerLauncher,
): Promise<ServerProcess> {
  const settings = Object.entries({
    ...SETTINGS,
    ...(launcher.isDurable ? {} : WITHOUT_DURABILITY),
    unix_socket_directories: quoted(command.sockets),
  });
  const options = ['-D', layout.pgdata, ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  const [file = command.postgres, ...words] = [...launcher.prefix, command.postgres, ...options];
  const log = await openLog(layout.log, launcher.account);
  try {
    const { env, account, lockFd } = launcher;
    // All processes of the server hold the lock as well, until the last of them is gone.
    const stdio = ['ignore' as const, log.fd, log.fd, ...(lockFd === undefined ? [] : [lockFd])];
    const child = spawn(file, words, { env, cwd: layout.root, detached: true, stdio, ...account });
    await once(child, 'spawn');
    return follow(child);
  } finally {
    await log.close();
  }
}

/** One entry of a list that is split at commas, whatever the path contains. */
function quoted(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

function follow(child: ChildProcess): ServerProcess {
  // Nobody can wait for it here, and an immediate shutdown is the one with a bound of its own.
  const takeAlong = (): void => void child.kill('SIGQUIT');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', takeAlong);
      resolve();
    });
  });
  process.once('exit', takeAlong);
  child.unref();
  const pid = child.pid ?? 0;
  const stop = async (mode: StopMode, withinMs: number = STOP_WITHIN_MS): Promise<void> => {
    child.ref();
    const fastMs = Math.max(LEAST_FAST_MS, withinMs - IMMEDIATE_MS);
    if (mode === 'fast' && (await endsOn(child, 'SIGINT', fastMs))) return;
    if (await endsOn(child, 'SIGQUIT', IMMEDIATE_MS)) return;
    if (await endsOn(child, 'SIGKILL', KILLED_MS)) return;
    throw new EmbeddedPostgresError(`PostgreSQL (process ${pid}) does not end, not even when it is killed.`);
  };
  return { pid, hasEnded, stop, ended };
}

/** Sends a signal, also to a process that is suspended. False when it has not ended in time. */
async function endsOn(child: ChildProcess, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(Math.ceil(withinMs)) });
  child.kill(signal);
  child.kill('SIGCONT');
  return ended.then(
    () => true,
    () => child.exitCode !== null || child.signalCode !== null,
  );
}
