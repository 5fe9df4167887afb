import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectoryInUseError } from './embedded-postgres.errors.js';
import { hasCode } from './error-code.js';
import { processIdentity } from './process-identity.js';

/** A claim is the file `owner.<generation>`; the highest generation counts. A released claim names no one. */
interface Claim {
  readonly generation: number;
  readonly pid?: number;
  readonly identity?: string;
}

export interface OwnerLock {
  release(): Promise<void>;
}

/** Whether a live process holds the data folder. A folder that does not exist is not in use. */
export async function isDataDirectoryInUse(dataDir: string): Promise<boolean> {
  return isHeld(await latestClaim(dataDir));
}

/**
 * Makes this process the folder's only owner. The lock of a dead process is taken over by making the next generation,
 * which only one can do; deleting the old lock instead would let a slow second process delete the new one.
 *
 * @throws DataDirectoryInUseError when its owner lives (this process counts too)
 */
export async function acquireOwnerLock(dataDir: string): Promise<OwnerLock> {
  for (;;) {
    const latest = await latestClaim(dataDir);
    if (await isHeld(latest)) throw new DataDirectoryInUseError(dataDir, latest.pid ?? 0);
    const generation = latest.generation + 1;
    if (!(await makeClaim(dataDir, generation))) continue;
    if ((await latestClaim(dataDir)).generation === generation) {
      await removeOlder(dataDir, generation);
      return { release: () => writeFile(claimPath(dataDir, generation), '{}\n') };
    }
    // Later generations came and went while this one was being made, and its number had become free again.
    await rm(claimPath(dataDir, generation), { force: true });
  }
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

async function isHeld({ pid, identity }: Claim): Promise<boolean> {
  return pid !== undefined && identity !== undefined && (await processIdentity(pid)) === identity;
}

/** link(2) makes the claim with its content in one step, and fails if the generation is taken. */
async function makeClaim(dataDir: string, generation: number): Promise<boolean> {
  const draft = join(dataDir, `owner-${randomUUID()}.draft`);
  const identity = await processIdentity(process.pid);
  await writeFile(draft, `${JSON.stringify({ pid: process.pid, identity })}\n`);
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
