import { type Clock } from '@musubi/messaging';
import { type DataSource, type QueryRunner } from 'typeorm';
import { ConfigError } from '../config/config.js';

/** A process that was killed may still seem to hold the links, until PostgreSQL hears that it is gone. */
const TRIES = 20;
const PAUSE_MS = 500;

const TRY = `select pg_try_advisory_lock(hashtextextended('musubi/links', 0)) as is_held`;

/**
 * Makes this process the one that has the node's links: two with one node key would cut each other off.
 * @returns what gives them up
 * @throws ConfigError when another process has them
 */
export async function holdLinks(
  database: DataSource,
  clock: Pick<Clock, 'sleep'>,
): Promise<() => Promise<void>> {
  const runner = database.createQueryRunner();
  try {
    await take(runner, clock);
  } catch (error) {
    await runner.release();
    throw error;
  }
  return () => giveUp(runner);
}

async function take(runner: QueryRunner, clock: Pick<Clock, 'sleep'>): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [row] = (await runner.query(TRY)) as { is_held: boolean }[];
    if (row?.is_held === true) return;
    await clock.sleep(PAUSE_MS);
  }
  throw new ConfigError(
    'Another process has the links of this node: NODE_LISTEN and BOOTSTRAP are for one process on a database.',
  );
}

/** The lock belongs to the connection, which others use next. What cannot be given up ends with the connection. */
async function giveUp(runner: QueryRunner): Promise<void> {
  try {
    await runner.query(`select pg_advisory_unlock(hashtextextended('musubi/links', 0))`);
  } finally {
    await runner.release();
  }
}
