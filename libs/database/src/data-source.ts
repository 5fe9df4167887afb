import { DataSource, type Logger, type QueryRunner } from 'typeorm';
import { type DatabaseParts } from './database-parts.js';
import { poolOf } from './pool.js';
import { run } from './sql.js';
import { GatheringSocket, SteadyClient } from './steady-client.js';
import { Transaction } from './transaction.js';

/** Milliseconds. A lock is waited for less long than a statement, so that 55P03 reaches `transact` and is retried. */
const CONNECT_TIMEOUT = 10_000;
const STATEMENT_TIMEOUT = 30_000;
const LOCK_TIMEOUT = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT = 60_000;

/**
 * Every statement finds its rows by an index. Plans are made once a connection, mostly before there are statistics,
 * and a plan that reads whole tables since they were small stays when they no longer are.
 */
const PLANNING =
  '-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

export interface DataSourceSettings extends DatabaseParts {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Most connections held at once; 10 when absent. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`; `musubi` when absent. */
  readonly applicationName?: string;
  /** Told of queries, slow queries and broken connections; silent when absent. */
  readonly logger?: Logger;
}

/**
 * A DataSource that is not yet connected: call `initialize()`, and `migrate()` for the schema, which is never
 * synchronised. `synchronous_commit` is left as the server has it: a commit that returned is on disk.
 */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const { url, logger, poolSize = 10, applicationName = 'musubi' } = settings;
  return new PooledDataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName,
    entities: [...settings.entities],
    migrations: [...settings.migrations],
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    connectTimeoutMS: CONNECT_TIMEOUT,
    poolErrorHandler: (error: Error) => {
      logger?.log('warn', `A database connection broke: ${error.message}`);
    },
    logging: true,
    // TypeORM's console logger reports failed migrations even when switched off; this one obeys the variable DEBUG.
    logger: logger ?? 'debug',
    extra: {
      Client: SteadyClient,
      pipeline: true,
      stream: () => new GatheringSocket(),
      options: PLANNING,
      statement_timeout: STATEMENT_TIMEOUT,
      lock_timeout: LOCK_TIMEOUT,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
    },
  });
}

/** TypeORM's part is the schema. A statement by itself goes to the pool, prepared, and through nothing else. */
class PooledDataSource extends DataSource {
  override query<Result>(sql: string, parameters: unknown[] = [], runner?: QueryRunner): Promise<Result> {
    return runner === undefined
      ? run(poolOf(this), sql, parameters)
      : super.query<Result>(sql, parameters, runner);
  }

  /** Transactions that are under way are not waited for: they are rolled back, and fail. */
  override destroy(): Promise<void> {
    Transaction.abandonAll(poolOf(this));
    return super.destroy();
  }
}
