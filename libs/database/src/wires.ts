import { availableParallelism } from 'node:os';
import { type Pool, type PoolClient } from 'pg';
import { isDatabaseAway } from './database-away.js';
import { type Sql, run } from './sql.js';

/** A statement takes a few milliseconds; nothing is sent behind one that takes so many: it waits for a lock. */
const PATIENCE_MS = 50;

const open = new WeakMap<Pool, Wires>();

/** Those on the connections of that pool. */
export function wiresOf(pool: Pool): Wires {
  const wires = open.get(pool) ?? new Wires(pool);
  open.set(pool, wires);
  return wires;
}

/** A connection with statements on the way. */
interface Wire {
  /** `null` until it is there. */
  client: PoolClient | null;
  readonly opened: Promise<PoolClient>;
  /** When each was sent whose answer is not there yet; answers come in this order. */
  readonly sent: number[];
}

/**
 * Short statements that are transactions by themselves, several on the way on each of few connections. The server takes
 * those of one connection one after another, and its process that finds the next one there need not be woken for it, nor
 * interrupts whoever wakes it. A connection that has nothing on the way goes back to the pool.
 */
export class Wires implements Sql {
  private readonly wires = new Set<Wire>();
  /** As many as there are processors to serve them, and one that waits for the disk; half of the pool at most. */
  private readonly enough: number;

  constructor(private readonly pool: Pool) {
    this.enough = Math.max(1, Math.min(availableParallelism() + 1, Math.floor(pool.options.max / 2)));
  }

  async query<Result>(sql: string, parameters: readonly unknown[] = []): Promise<Result> {
    const wire = this.free() ?? this.open();
    wire.sent.push(performance.now());
    try {
      return await run<Result>(wire.client ?? (await wire.opened), sql, parameters);
    } catch (error) {
      if (isDatabaseAway(error)) this.wires.delete(wire);
      throw error;
    } finally {
      wire.sent.shift();
      if (wire.sent.length === 0) this.giveBack(wire);
    }
  }

  /** The one with the least on the way, if there are enough of them and nobody else waits for a connection. */
  private free(): Wire | null {
    const wires = [...this.wires];
    const opening = wires.filter(({ client }) => client === null).length;
    const now = performance.now();
    const answering = wires.filter(({ sent: [first = now] }) => now - first <= PATIENCE_MS);
    if (answering.length < this.enough || this.pool.waitingCount > opening) return null;
    return answering.reduce((least, wire) => (wire.sent.length < least.sent.length ? wire : least));
  }

  private open(): Wire {
    const opened = this.pool.connect();
    const wire: Wire = { client: null, opened, sent: [] };
    wire.opened.then(
      (client) => (wire.client = client),
      () => undefined,
    );
    this.wires.add(wire);
    return wire;
  }

  private giveBack(wire: Wire): void {
    this.wires.delete(wire);
    wire.client?.release();
  }
}
