import { ResilientClient, hasCode, sqlStateOf } from '@musubi/database';
import { EmbeddedPostgresStartError } from './embedded-postgres.errors.js';
import { pollUntil } from './poll.js';
import { type ServerProcess } from './server-process.js';

/** Long, since after a crash the server first replays its log. */
const READY_WITHIN_MS = 120_000;
const CANNOT_CONNECT_NOW = '57P03';

/**
 * Waits until the server answers a query; false when it ended before.
 *
 * @throws EmbeddedPostgresStartError at the deadline
 * @throws what `signal` was aborted with
 */
export async function becomesReady(
  server: ServerProcess,
  url: string,
  signal: AbortSignal,
): Promise<boolean> {
  const isSettled = async (): Promise<boolean> => {
    signal.throwIfAborted();
    return server.hasEnded() || (await answers(url, signal));
  };
  if (await pollUntil(isSettled, { every: 10, within: READY_WITHIN_MS })) return !server.hasEnded();
  throw new EmbeddedPostgresStartError(`PostgreSQL did not answer within ${READY_WITHIN_MS / 1000} s.`);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const client = new ResilientClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
  const giveUp = (): void => void client.end();
  signal.addEventListener('abort', giveUp);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    if (isPassing(error)) return false;
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
    await client.end().catch(() => undefined);
  }
}

/** Not listening yet, or recovering. A refused password, for one, will not pass. */
function isPassing(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  return sqlState === CANNOT_CONNECT_NOW || (sqlState === undefined && !hasCode(error, 'ENOTFOUND'));
}
