import { type Pool, type PoolClient } from 'pg';
import { sqlStateOf } from './sql-state.js';
import { run } from './sql.js';

/** Connections that carry statements at once, as long as answers come. */
const WIRES = Number(process.env['WIRES'] ?? 4);
/** A statement takes a few milliseconds; nothing is sent behind one that takes so many: it waits for a lock. */
const PATIENCE_MS = 50;

/**
 * Statements that are transactions by themselves, several on the way on each of few connections. The server takes those
 * of one connection one after another, and its process that finds the next one there need not be woken for it. A
 * connection that has nothing on the way goes back to the pool.
 */
export class Wires {
  private readonly wires = new Set<Wire>();

  constructor(private readonly pool: Pool) {}

  async query<Result>(sql: string, parameters: readonly unknown[]): Promise<Result> {
    const wire = this.free() ?? this.open();
    try {
      return await wire.run<Result>(sql, parameters);
    } catch (error) {
      if (sqlStateOf(error) === undefined) this.wires.delete(wire);
      throw error;
    } finally {
      if (wire.load === 0) this.giveBack(wire);
    }
  }

  /** The one with the least to do, when there are enough of them and nobody waits for a connection of the pool. */
  private free(): Wire | null {
    let free: Wire | null = null;
    let answering = 0;
    let opening = 0;
    const now = performance.now();
    for (const wire of this.wires) {
      if (wire.isOpening) opening += 1;
      if (now - wire.waitingSince > PATIENCE_MS) continue;
      answering += 1;
      if (free === null || wire.load < free.load) free = wire;
    }
    return answering < WIRES || this.pool.waitingCount > opening ? null : free;
  }

  private open(): Wire {
    const wire = new Wire(this.pool.connect());
    this.wires.add(wire);
    return wire;
  }

  private giveBack(wire: Wire): void {
    this.wires.delete(wire);
    wire.release();
  }
}

class Wire {
  isOpening = true;
  private client: PoolClient | null = null;
  private readonly opened: Promise<PoolClient>;
  /** When each was sent whose answer is not there yet; answers come in this order. */
  private readonly sent: number[] = [];

  constructor(opening: Promise<PoolClient>) {
    this.opened = opening.then((client) => (this.client = client)).finally(() => (this.isOpening = false));
  }

  get load(): number {
    return this.sent.length;
  }

  get waitingSince(): number {
    return this.sent[0] ?? Number.POSITIVE_INFINITY;
  }

  async run<Result>(sql: string, parameters: readonly unknown[]): Promise<Result> {
    this.sent.push(performance.now());
    try {
      return await run(this.client ?? (await this.opened), sql, parameters);
    } finally {
      this.sent.shift();
    }
  }

  release(): void {
    this.client?.release();
    this.client = null;
  }
}
