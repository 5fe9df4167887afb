import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { hasCode } from '@musubi/database';

/**
 * A lock that the kernel holds: on an open file, by flock(2), and so for every process that has this file open, in
 * whatever container it runs, until the last of them is gone, however it went.
 */
export interface KernelLock {
  /** To be handed to a child: that then holds the lock as well. */
  readonly fd: number;
  /** Repeatable. A child that has the file open still holds the lock. */
  release(): void;
}

/** `unsupported`: there is no flock(1), as on macOS, or the volume takes no locks. */
type KernelLocking = KernelLock | 'taken' | 'unsupported';

/** What flock(1) is to exit with when another holds the lock; its own failures are 64 and more (sysexits.h). */
const TAKEN = 42;
/** What a shell exits with when there is no such program. */
const MISSING = 127;
const LOOK_MS = 100;

/**
 * Node cannot lock files, and flock(1) can lock one that it inherits: the lock belongs to the open file, not to the
 * process that asked for it.
 *
 * @param waitMs for another to give it up
 */
export async function lockByKernel(path: string, waitMs: number): Promise<KernelLocking> {
  const fd = openSync(path, 'a', 0o600);
  let isOpen = true;
  const release = (): void => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  const deadline = performance.now() + waitMs;
  try {
    let outcome = await flock(fd);
    while (outcome === 'taken' && performance.now() < deadline) {
      await sleepFor(LOOK_MS);
      outcome = await flock(fd);
    }
    if (outcome === 'held') return { fd, release };
    release();
    return outcome;
  } catch (error) {
    release();
    throw error;
  }
}

async function flock(fd: number): Promise<'held' | 'taken' | 'unsupported'> {
  const words = ['-x', '-n', '-E', String(TAKEN), '3'];
  const child = spawn('flock', words, { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [MISSING];
    throw error;
  })) as [number | null];
  if (code === 0) return 'held';
  if (code === null) throw new Error('flock(1) was ended by a signal.');
  return code === TAKEN ? 'taken' : 'unsupported';
}
