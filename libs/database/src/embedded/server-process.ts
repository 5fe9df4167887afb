import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type DataLayout } from './data-layout.js';
import { type Launcher } from './launcher.js';
import { HOST } from './port.js';
import { openLog } from './server-log.js';

/** `fast` ends open transactions and writes a checkpoint; `immediate` just ends, and the next start recovers. */
export type StopMode = 'fast' | 'immediate';

const STOP_SIGNAL = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const satisfies Record<
  StopMode,
  NodeJS.Signals
>;
const STOP_DEADLINE_MS = 20_000;

/** Said on the command line, so that an edited or older postgresql.conf cannot take durability away. */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  hasEnded(): boolean;
  /** Resolves when it is gone. Repeatable; a later `immediate` overtakes an earlier `fast`. */
  stop(mode: StopMode): Promise<void>;
  /** Settles when the process is gone, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Launches the server in a session of its own: Ctrl-C in a terminal reaches the whole foreground group, and PostgreSQL
 * must outlive what is still being drained. Death with the parent still works, as it follows the launching thread; so
 * start it from the main thread, not from a worker. The child never keeps Node alive.
 */
export async function launchServer(
  command: { readonly postgres: string; readonly port: number },
  layout: DataLayout,
  launcher: Launcher,
): Promise<ServerProcess> {
  const settings = Object.entries({ ...SETTINGS, port: String(command.port) });
  const options = ['-D', layout.pgdata, ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  const [file = command.postgres, ...words] = [...launcher.prefix, command.postgres, ...options];
  const log = await openLog(layout.log, launcher.account);
  try {
    const { env, account } = launcher;
    const stdio = ['ignore' as const, log.fd, log.fd];
    const child = spawn(file, words, { env, cwd: layout.root, detached: true, stdio, ...account });
    await once(child, 'spawn');
    return follow(child, command.port);
  } finally {
    await log.close();
  }
}

function follow(child: ChildProcess, port: number): ServerProcess {
  const takeAlong = (): void => void child.kill('SIGINT');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', takeAlong);
      resolve();
    });
  });
  process.once('exit', takeAlong);
  child.unref();
  const stop = async (mode: StopMode): Promise<void> => {
    if (hasEnded()) return;
    child.ref();
    child.kill(STOP_SIGNAL[mode]);
    const overdue = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(overdue);
  };
  return { pid: child.pid ?? 0, port, hasEnded, stop, ended };
}
