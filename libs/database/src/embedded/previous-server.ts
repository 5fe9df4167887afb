import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil } from '../poll.js';
import { EmbeddedPostgresStartError } from './embedded-postgres.errors.js';
import { commandLine, processIdentity } from './process-identity.js';

/** In order: fast shutdown, immediate shutdown (recovery at the next start), the end. */
const SIGNALS = [
  { signal: 'SIGINT', within: 20_000 },
  { signal: 'SIGQUIT', within: 10_000 },
  { signal: 'SIGKILL', within: 10_000 },
] as const;

/**
 * Clears the way for a new server: stops one that still runs on this cluster (its launcher died and could not take it
 * along), and makes sure that a `postmaster.pid` left by a dead one blocks nothing. Call it as the folder's owner.
 *
 * @throws EmbeddedPostgresStartError when a running server cannot be stopped
 */
export async function clearPreviousServer(pgdata: string): Promise<void> {
  const lockFile = join(pgdata, 'postmaster.pid');
  const content = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  const pid = Math.abs(Number.parseInt(content, 10));
  if (await isServerOf(pgdata, pid)) await stopServer(pid);
  await disarm(lockFile);
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

/**
 * PostgreSQL will not start while the pid in the file is alive, even if by now it belongs to another program. It does
 * ignore its own parent's pid, so that is written; the rest stays, since PostgreSQL reads from it which shared memory
 * to check for survivors. Deleting the file would skip that check.
 */
async function disarm(lockFile: string): Promise<void> {
  const content = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (content === undefined) return;
  const [, ...rest] = content.split('\n');
  if (rest.length === 0) await rm(lockFile, { force: true });
  else await writeFile(lockFile, [String(process.pid), ...rest].join('\n'));
}
