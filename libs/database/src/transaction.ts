import { type PoolClient } from 'pg';
import { type Sql, run } from './sql.js';

export type IsolationLevel = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** One transaction on a connection of its own, which it gives back at its end. */
export class Transaction implements Sql {
  private isOver = false;

  constructor(private readonly client: PoolClient) {}

  /** Not waited for: it goes out together with the first statement, which fails when this does. */
  begin(isolation: IsolationLevel): void {
    this.client.query(`begin isolation level ${isolation}`).catch(() => undefined);
  }

  /** @throws Error once the transaction is over: the connection is somebody else's by then */
  async query<Result>(sql: string, parameters?: readonly unknown[]): Promise<Result> {
    if (this.isOver) throw new Error('the transaction is over');
    return run(this.client, sql, parameters);
  }

  /** @throws Error when a statement had failed, and PostgreSQL rolled back instead */
  async commit(): Promise<void> {
    this.isOver = true;
    const { command } = await this.client.query('commit');
    if (command !== 'COMMIT') throw new Error('a statement of the transaction failed');
    this.client.release();
  }

  /** Never rejects: a connection that cannot even do this is thrown away. */
  async rollback(): Promise<void> {
    this.isOver = true;
    await this.client.query('rollback').then(
      () => {
        this.client.release();
      },
      () => {
        this.client.release(true);
      },
    );
  }
}
