import { type Socket } from 'node:net';
import pg from 'pg';
import { DataSource, type DataSourceOptions, type Logger, type QueryRunner } from 'typeorm';
import { type DatabaseParts } from './database-parts.js';
import { poolOf } from './pool.js';
import { run } from './sql.js';
import { CoalescingSocket, ResilientClient } from './resilient-client.js';
import { SteadyPool } from './steady-pool.js';
import { Transaction } from './transaction.js';

/** Milliseconds. A lock is waited for less long than a statement, so that 55P03 reaches `transact` and is retried. */
const CONNECT_TIMEOUT = 10_000;
const STATEMENT_TIMEOUT = 30_000;
/** After a statement should have been cancelled its server is taken for silent, and the connection for broken. */
const SILENCE = 5_000;
const LOCK_TIMEOUT = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT = 60_000;
/** How long statements that are under way may take when the data source is destroyed, in milliseconds. */
const DESTROY_MS = 1000;

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
  /** Milliseconds after which a statement is cancelled; 30,000 when absent. */
  readonly statementTimeoutMs?: number;
  /**
   * For a process that computes for minutes between two answers of the database, while nobody waits: no statement is
   * cancelled for the time it takes, no transaction for being left alone, and a connection is waited for as long as it takes.
   */
  readonly isUnhurried?: boolean;
  /** Shown in `pg_stat_activity`; `musubi` when absent. */
  readonly applicationName?: string;
  /** Told of queries, slow queries and broken connections; silent when absent. */
  readonly logger?: Logger;
}

interface CuttableDataSource extends DataSource {
  /** Breaks every connection, now and later: whatever waits for the database fails at once. */
  cut(): void;
}

/**
 * A DataSource that is not yet connected: call `initialize()`, and `migrate()` for the schema, which is never
 * synchronised. `synchronous_commit` is left as the server has it: a commit that returned is on disk.
 */
export function createDataSource(settings: DataSourceSettings): CuttableDataSource {
  const { url, logger, poolSize = 10, applicationName = 'musubi' } = settings;
  const sockets = new Sockets();
  const options: DataSourceOptions = {
    type: 'postgres',
    driver: { ...pg, Pool: SteadyPool },
    url,
    poolSize,
    applicationName,
    entities: [...settings.entities],
    migrations: [...settings.migrations],
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    connectTimeoutMS: settings.isUnhurried === true ? 0 : CONNECT_TIMEOUT,
    poolErrorHandler: (error: Error) => {
      logger?.log('warn', `A database connection broke: ${error.message}`);
    },
    logging: true,
    // TypeORM's console logger reports failed migrations even when switched off; this one obeys the variable DEBUG.
    logger: logger ?? 'debug',
    extra: {
      Client: ResilientClient,
      pipeline: true,
      stream: () => sockets.open(),
      options: PLANNING,
      lock_timeout: LOCK_TIMEOUT,
      ...timeoutsOf(settings),
    },
  };
  return new PooledDataSource(options, sockets);
}

/** Milliseconds; 0 is none. */
function timeoutsOf({ isUnhurried, statementTimeoutMs = STATEMENT_TIMEOUT }: DataSourceSettings): object {
  const [statement, silence, idle] =
    isUnhurried === true
      ? [0, 0, 0]
      : [statementTimeoutMs, statementTimeoutMs + SILENCE, IDLE_IN_TRANSACTION_TIMEOUT];
  return {
    statement_timeout: statement,
    query_timeout: silence,
    idle_in_transaction_session_timeout: idle,
  };
}

/** The connections of one data source. */
class Sockets {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  open(): Socket {
    const socket = new CoalescingSocket();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    if (this.isCut) socket.destroy();
    return socket;
  }

  /** Whatever waits for one of them fails at once, and so does each that is opened later. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }
}

/** TypeORM's part is the schema. A statement by itself goes to the pool, prepared, and through nothing else. */
class PooledDataSource extends DataSource implements CuttableDataSource {
  constructor(
    options: DataSourceOptions,
    private readonly sockets: Sockets,
  ) {
    super(options);
  }

  override query<Result>(sql: string, parameters: unknown[] = [], runner?: QueryRunner): Promise<Result> {
    return runner === undefined
      ? run(poolOf(this), sql, parameters)
      : super.query<Result>(sql, parameters, runner);
  }

  /** Transactions that are under way are not waited for: they are rolled back, and fail. */
  override async destroy(): Promise<void> {
    Transaction.abandonAll(poolOf(this));
    const overdue = setTimeout(() => {
      this.sockets.cut();
    }, DESTROY_MS);
    try {
      await super.destroy();
    } finally {
      clearTimeout(overdue);
    }
  }

  cut(): void {
    this.sockets.cut();
  }
}
