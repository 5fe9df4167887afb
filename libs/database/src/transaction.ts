import { type Pool, type PoolClient } from 'pg';
import { type Sql, run } from './sql.js';

export type IsolationLevel = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** The transactions that hold a connection of a pool. */
const open = new WeakMap<Pool, Set<Transaction>>();

/** One transaction on a connection of its own, which it gives back at its end. */
export class Transaction implements Sql {
  private isOver = false;

  private constructor(
    private readonly client: PoolClient,
    private readonly siblings: Set<Transaction>,
  ) {
    siblings.add(this);
  }

  /** Begins it. That goes out together with the first statement, which fails when it does. */
  static async begin(pool: Pool, isolation: IsolationLevel): Promise<Transaction> {
    const client = await pool.connect();
    const siblings = open.get(pool) ?? new Set();
    open.set(pool, siblings);
    client.query(`begin isolation level ${isolation}`).catch(() => undefined);
    return new Transaction(client, siblings);
  }

  /** Ends all that hold a connection of the pool, whatever they wait for: it is to be closed. */
  static abandonAll(pool: Pool): void {
    for (const transaction of open.get(pool) ?? []) transaction.release(true);
  }

  /** @throws Error once the transaction is over: the connection is somebody else's by then */
  async query<Result>(sql: string, parameters?: readonly unknown[]): Promise<Result> {
    if (this.isOver) throw new Error('the transaction is over');
    return run(this.client, sql, parameters);
  }

  /** @throws Error when a statement had failed, and PostgreSQL rolled back instead */
  async commit(): Promise<void> {
    if (this.isOver) throw new Error('the transaction is over');
    const committing = this.client.query('commit');
    this.isOver = true;
    const { command } = await committing;
    if (command !== 'COMMIT') throw new Error('a statement of the transaction failed');
    this.release(false);
  }

  /** Never rejects: a connection that cannot even do this is thrown away. */
  async rollback(): Promise<void> {
    if (!this.siblings.has(this)) return;
    this.isOver = true;
    const isDone = await this.client.query('rollback').then(
      () => true,
      () => false,
    );
    this.release(!isDone);
  }

  private release(isBroken: boolean): void {
    this.isOver = true;
    if (this.siblings.delete(this)) this.client.release(isBroken);
  }
}
