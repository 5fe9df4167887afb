import { availableParallelism } from 'node:os';
import { type Pool, type PoolClient } from 'pg';
import { isDatabaseAway } from './database-away.js';
import { type Sql, run } from './sql.js';

/** A statement takes a few milliseconds; nothing is sent behind one that takes so many: it waits for a lock. */
const PATIENCE_MS = 50;

const open = new WeakMap<Pool, PipelinedConnections>();

/** Those on the connections of that pool. */
export function pipelinedConnectionsOf(pool: Pool): PipelinedConnections {
  const connections = open.get(pool) ?? new PipelinedConnections(pool);
  open.set(pool, connections);
  return connections;
}

/** A connection with statements on the way. */
interface PipelinedConnection {
  /** `null` until it is there. */
  client: PoolClient | null;
  readonly opened: Promise<PoolClient>;
  /** When each was sent whose answer is not there yet; answers come in this order. */
  readonly sent: number[];
}

/**
 * Pipelines short statements, each a transaction of its own, over few connections. The server takes the statements of one
 * connection one after another. Its process need not be woken for a statement that is already there, which spares both
 * sides an interruption. A connection with nothing on the way goes back to the pool.
 */
export class PipelinedConnections implements Sql {
  private readonly connections = new Set<PipelinedConnection>();
  /** As many as there are processors to serve them, and one that waits for the disk; half of the pool at most. */
  private readonly enough: number;

  constructor(
    private readonly pool: Pool,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.enough = Math.max(1, Math.min(availableParallelism() + 1, Math.floor(pool.options.max / 2)));
  }

  async query<Result>(sql: string, parameters: readonly unknown[] = []): Promise<Result> {
    const connection = this.free() ?? this.open();
    connection.sent.push(performance.now());
    try {
      return await run<Result>(connection.client ?? (await connection.opened), sql, parameters);
    } catch (error) {
      if (isDatabaseAway(error)) this.connections.delete(connection);
      throw error;
    } finally {
      connection.sent.shift();
      if (connection.sent.length === 0) this.giveBack(connection);
    }
  }

  /** The one with the least on the way, if there are enough of them and nobody else waits for a connection. */
  private free(): PipelinedConnection | null {
    const connections = [...this.connections];
    const opening = connections.filter(({ client }) => client === null).length;
    const now = performance.now();
    const answering = connections.filter(({ sent: [first = now] }) => now - first <= this.patienceMs);
    if (answering.length < this.enough || this.pool.waitingCount > opening) return null;
    return answering.reduce((least, connection) =>
      connection.sent.length < least.sent.length ? connection : least,
    );
  }

  private open(): PipelinedConnection {
    const opened = this.pool.connect();
    const connection: PipelinedConnection = { client: null, opened, sent: [] };
    connection.opened.then(
      (client) => (connection.client = client),
      () => undefined,
    );
    this.connections.add(connection);
    return connection;
  }

  private giveBack(connection: PipelinedConnection): void {
    this.connections.delete(connection);
    connection.client?.release();
  }
}
