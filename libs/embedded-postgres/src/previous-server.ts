import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataLayout } from './data-layout.js';
import { EmbeddedPostgresStartError } from './embedded-postgres.errors.js';
import { type KernelLock, lockByKernel } from './kernel-lock.js';
import { pollUntil } from './poll.js';
import { commandLine, processIdentity } from './process-identity.js';

/** In order: fast shutdown, immediate shutdown (recovery at the next start), the end. */
const SIGNALS = [
  { signal: 'SIGINT', within: 5_000 },
  { signal: 'SIGQUIT', within: 6_000 },
  { signal: 'SIGKILL', within: 5_000 },
] as const;

/** How long processes that we cannot see may take to end, in milliseconds. */
const UNSEEN_MS = 30_000;
const LOOK_MS = 500;

/**
 * Clears the way for a new server: stops one that still runs on this cluster (its launcher died and could not take it
 * along), waits for processes of it in another container, and makes sure that a `postmaster.pid` left by a dead one
 * blocks nothing. Call it as the folder's owner.
 *
 * @returns the lock that the processes of the new server have to hold, where the kernel has one
 * @throws EmbeddedPostgresStartError when a running server does not end
 * @throws what `signal` was aborted with
 */
export async function clearPreviousServer(
  layout: DataLayout,
  signal: AbortSignal,
): Promise<KernelLock | undefined> {
  const { root, pgdata, serverLock } = layout;
  const content = await readFile(lockFileOf(layout), 'utf8').catch(() => '');
  const pid = Math.abs(Number.parseInt(content, 10));
  if (pid > 0 && (await isServerOf(pgdata, pid))) await stopServer(pid);
  const lock = await lockServer(root, serverLock, signal);
  try {
    await disarm(layout);
    return lock;
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function isServerOf(pgdata: string, pid: number): Promise<boolean> {
  const words = (await commandLine(pid)) ?? '';
  if (!/^\S*postgres\b/.test(words) && !words.includes('/postgres ')) return false;
  return words.includes(` ${pgdata} `) || words.includes(` ${await realpath(pgdata)} `);
}

async function stopServer(pid: number): Promise<void> {
  const identity = await processIdentity(pid);
  const isGone = async (): Promise<boolean> => (await processIdentity(pid)) !== identity;
  for (const { signal, within } of SIGNALS) {
    if (await isGone()) return;
    send(pid, signal);
    // It may be suspended.
    send(pid, 'SIGCONT');
    if (await pollUntil(isGone, { every: 20, within })) return;
  }
  throw new EmbeddedPostgresStartError(
    `An earlier server, process ${pid}, cannot be stopped. Stop it by hand.`,
  );
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between; the caller looks again.
  }
}

/** Every process of a server holds the lock, also those that no pid of ours names. */
async function lockServer(root: string, path: string, signal: AbortSignal): Promise<KernelLock | undefined> {
  const deadline = performance.now() + UNSEEN_MS;
  for (;;) {
    signal.throwIfAborted();
    const lock = await lockByKernel(path, LOOK_MS);
    if (lock === 'unsupported') return undefined;
    if (lock !== 'taken') return lock;
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresStartError(
        `Processes of an earlier PostgreSQL still run on ${root}, maybe in another container. Stop them.`,
      );
    }
  }
}

/**
 * PostgreSQL will not start while the pid in the file is alive, even if by now it belongs to another program. It does
 * ignore its own parent's pid, so that is written; the rest stays, since PostgreSQL reads from it which shared memory
 * to check for survivors. Deleting the file would skip that check.
 */
export async function disarm(layout: Pick<DataLayout, 'pgdata'>): Promise<void> {
  const lockFile = lockFileOf(layout);
  const content = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  const [, ...rest] = content.split('\n');
  if (rest.length === 0) await rm(lockFile, { force: true });
  else await writeFile(lockFile, [String(process.pid), ...rest].join('\n'));
}

function lockFileOf({ pgdata }: Pick<DataLayout, 'pgdata'>): string {
  return join(pgdata, 'postmaster.pid');
}
