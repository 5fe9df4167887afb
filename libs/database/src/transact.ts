import { randomInt } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { type DataSource } from 'typeorm';
import { poolOf } from './pool.js';
import { sqlStateOf } from './sql-state.js';
import { type Sql } from './sql.js';
import { type IsolationLevel, Transaction } from './transaction.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
const RETRYABLE = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE]);

/** Each attempt may wait some seconds for a lock: milliseconds after which no further one is begun. */
const PATIENCE_MS = 8_000;
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 250;

export interface TransactOptions {
  /** `READ COMMITTED` when absent. */
  readonly isolation?: IsolationLevel;
  /** How often the work is tried in all; 10 when absent. */
  readonly attempts?: number;
  /** Waits so many milliseconds between two attempts. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** A number in [0, 1), for the jitter. */
  readonly random?: () => number;
}

/**
 * Runs the work in one transaction. When PostgreSQL gave up on it to let another pass (40001, 40P01, 55P03), the whole
 * work is run again in a fresh transaction, so it must do nothing outside `tx` that may not be repeated.
 * Inside, use `tx` only: a query through the DataSource waits for a second connection and starves a small pool.
 *
 * @throws whatever the work threw, at once if a retry cannot help, else from the last attempt
 */
export function transact<T>(
  dataSource: DataSource,
  work: (tx: Sql) => Promise<T>,
  options: TransactOptions = {},
): Promise<T> {
  return retrying(() => attemptOnce(dataSource, work, options), options);
}

/** As `transact`, for work that is one statement, and so a transaction by itself. */
export async function retrying<T>(
  work: () => Promise<T>,
  options: Pick<TransactOptions, 'attempts' | 'sleep' | 'random'> = {},
): Promise<T> {
  const { attempts, sleep, random } = { ...DEFAULTS, ...options };
  const end = performance.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !canRetry(error) || performance.now() > end) throw error;
    }
    await sleep(random() * Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS));
  }
}

const DEFAULTS = { attempts: 10, sleep: sleepFor, random: randomFraction };

function canRetry(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  return sqlState !== undefined && RETRYABLE.has(sqlState);
}

async function attemptOnce<T>(
  dataSource: DataSource,
  work: (tx: Sql) => Promise<T>,
  { isolation = 'READ COMMITTED' }: TransactOptions,
): Promise<T> {
  const transaction = await Transaction.begin(poolOf(dataSource), isolation);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

function randomFraction(): number {
  const steps = 2 ** 32;
  return randomInt(steps) / steps;
}
