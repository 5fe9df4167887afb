import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '@musubi/database';
import { DataDirectoryInUseError } from './embedded-postgres.errors.js';
import { beat, beats } from './heartbeat.js';
import { type KernelLock, lockByKernel } from './kernel-lock.js';
import { isSameKernel, isSameNamespace, ownNamespace, processIdentity } from './process-identity.js';

/** A claim is the file `owner.<generation>`; the highest generation counts. A released claim names no one. */
interface Claim {
  readonly generation: number;
  readonly pid?: number;
  readonly identity?: string;
  /** Of the PID namespace, without which the pid means nothing. */
  readonly namespace?: string;
  /** Whether its process holds the kernel's lock besides. */
  readonly isLocked?: boolean;
}

export interface OwnerLock {
  release(): Promise<void>;
  /** Releases it, and leaves nothing behind in the folder: for one that is no longer there. */
  abandon(): void;
}

/** Another may look just now whether the lock is taken, and has it for that moment; a look is shorter. */
const CLAIM_MS = 500;
const LOOK_MS = 50;

/** Whether a live process holds the data folder. A folder that does not exist is not in use. */
export async function isDataDirectoryInUse(dataDir: string): Promise<boolean> {
  const latest = await latestClaim(dataDir);
  if (latest.pid === undefined) return false;
  if (isSameNamespace(latest)) return isHeldHere(latest);
  const kernel = await lockByKernel(lockPath(dataDir), LOOK_MS);
  if (kernel === 'taken') return true;
  if (kernel !== 'unsupported') kernel.release();
  return isHeldElsewhere(claimPath(dataDir, latest.generation), latest, {
    isLocked: kernel !== 'unsupported',
  });
}

/**
 * Makes this process the folder's only owner, by a lock that the kernel holds until the process is gone: it counts in
 * every container of this machine. Where there is none, and on a volume that another machine uses, an owner is known by
 * its claim: by its process, where that can be seen, else by the heartbeat of the claim.
 *
 * @throws DataDirectoryInUseError when its owner lives (this process counts too)
 * @throws what `signal` was aborted with
 */
export async function acquireOwnerLock(dataDir: string, signal?: AbortSignal): Promise<OwnerLock> {
  const kernel = await lockByKernel(lockPath(dataDir), CLAIM_MS);
  if (kernel === 'taken') throw inUse(dataDir, await latestClaim(dataDir));
  try {
    return await claim(dataDir, kernel === 'unsupported' ? undefined : kernel, signal);
  } catch (error) {
    if (kernel !== 'unsupported') kernel.release();
    throw error;
  }
}

/**
 * The claim of a dead process is followed by one of the next generation, which only one can make; deleting the old one
 * instead would let a slow second process delete the new one.
 */
async function claim(
  dataDir: string,
  kernel: KernelLock | undefined,
  signal: AbortSignal | undefined,
): Promise<OwnerLock> {
  for (;;) {
    const latest = await latestClaim(dataDir);
    const path = claimPath(dataDir, latest.generation);
    if (await isHeld(path, latest, { isLocked: kernel !== undefined, signal })) throw inUse(dataDir, latest);
    const generation = latest.generation + 1;
    if (!(await makeClaim(dataDir, generation, kernel !== undefined))) continue;
    if ((await latestClaim(dataDir)).generation === generation) {
      await removeOlder(dataDir, generation);
      return owned(claimPath(dataDir, generation), kernel);
    }
    // Later generations came and went while this one was being made, and its number had become free again.
    await rm(claimPath(dataDir, generation), { force: true });
  }
}

function owned(path: string, kernel: KernelLock | undefined): OwnerLock {
  const stopBeating = beat(path);
  const abandon = (): void => {
    stopBeating();
    kernel?.release();
  };
  const release = async (): Promise<void> => {
    stopBeating();
    await writeFile(path, '{}\n').catch(ignoreFullDisk).finally(abandon);
  };
  return { release, abandon };
}

/** The claim is empty then, and names no one. */
function ignoreFullDisk(error: unknown): void {
  if (!hasCode(error, 'ENOSPC')) throw error;
}

function inUse(dataDir: string, { pid = 0, ...latest }: Claim): DataDirectoryInUseError {
  return new DataDirectoryInUseError(dataDir, pid, isSameNamespace(latest) ? 'here' : 'elsewhere');
}

interface Look {
  /** Whether we could take the kernel's lock, and so no other process on this kernel has it. */
  readonly isLocked: boolean;
  readonly signal?: AbortSignal | undefined;
}

function isHeld(path: string, latest: Claim, look: Look): Promise<boolean> {
  return isSameNamespace(latest) ? isHeldHere(latest) : isHeldElsewhere(path, latest, look);
}

async function isHeldHere({ pid, identity }: Claim): Promise<boolean> {
  return pid !== undefined && identity !== undefined && (await processIdentity(pid)) === identity;
}

async function isHeldElsewhere(path: string, latest: Claim, { isLocked, signal }: Look): Promise<boolean> {
  if (latest.pid === undefined) return false;
  if (isLocked && latest.isLocked === true && isSameKernel(latest)) return false;
  return beats(path, signal);
}

async function latestClaim(dataDir: string): Promise<Claim> {
  const generation = Math.max(0, ...(await generations(dataDir)));
  const text = await readFile(claimPath(dataDir, generation), 'utf8').catch(() => '{}');
  return { ...parseClaim(text), generation };
}

async function generations(dataDir: string): Promise<number[]> {
  const names = await readdir(dataDir).catch(() => []);
  return names.flatMap((name) => {
    const digits = /^owner\.(\d+)$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/** A claim cut short by a power failure names no one, for no process outlives that. */
function parseClaim(text: string): Partial<Claim> {
  try {
    return JSON.parse(text) as Partial<Claim>;
  } catch {
    return {};
  }
}

/** link(2) makes the claim with its content in one step, and fails if the generation is taken. */
async function makeClaim(dataDir: string, generation: number, isLocked: boolean): Promise<boolean> {
  const draft = join(dataDir, `owner-${randomUUID()}.draft`);
  const identity = await processIdentity(process.pid);
  const mine = { pid: process.pid, identity, namespace: ownNamespace(), isLocked };
  await writeFile(draft, `${JSON.stringify(mine)}\n`);
  try {
    await link(draft, claimPath(dataDir, generation));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeOlder(dataDir: string, generation: number): Promise<void> {
  const older = (await generations(dataDir)).filter((other) => other < generation);
  await Promise.all(older.map((other) => rm(claimPath(dataDir, other), { force: true })));
}

function claimPath(dataDir: string, generation: number): string {
  return join(dataDir, `owner.${generation}`);
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'lock');
}
