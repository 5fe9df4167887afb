import { setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseParts } from '@musubi/database';
import { type TestDatabase } from '@musubi/database/testing';
import { connect, openDeliveryDatabase } from '@musubi/testing';
import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';
import { type PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

const APPLICATION = 'musubi-model';

/** One database for many runs, and the connections of the node that lives on it just now. */
export class Premises {
  private constructor(
    readonly database: TestDatabase,
    private connections: DataSource,
    private readonly more: DatabaseParts | undefined,
  ) {}

  /** @param more tables than those of a node that is alone */
  static async open(more?: DatabaseParts): Promise<Premises> {
    const database = await openDeliveryDatabase(undefined, more);
    // Processes die here, the server does not: a commit need not wait for the disk.
    await database.dataSource.query(
      "do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$",
    );
    return new Premises(database, await connect(database, APPLICATION, more), more);
  }

  get db(): DataSource {
    return this.connections;
  }

  /** Whether the node on it waits for an answer of the server. */
  get isBusy(): boolean {
    // None while they are cut.
    const pool = (this.connections.driver as PostgresDriver).master as Pool | undefined;
    return pool !== undefined && (pool.idleCount < pool.totalCount || pool.waitingCount > 0);
  }

  /** Empties every table. */
  async clear(): Promise<void> {
    const tables = this.database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    await this.database.dataSource.query(tables.map((table) => `delete from "${table}"`).join(';'));
  }

  /** Ends the connections as the operating system does when it kills their process: in the middle of whatever they do. */
  async cut(): Promise<void> {
    const ended = this.connections.destroy().then(() => true);
    for (let isOver = false; !isOver;) {
      const left = await this.database.dataSource.query<unknown[]>(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = $1 and datname = current_database()`,
        [APPLICATION],
      );
      isOver = left.length === 0 && (await Promise.race([ended, sleep(1, false)]));
    }
    this.connections = await connect(this.database, APPLICATION, this.more);
  }

  async close(): Promise<void> {
    await this.connections.destroy();
    await this.database.close();
  }
}
