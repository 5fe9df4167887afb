import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase } from '@musubi/database/testing';
import { connect, openPostalDatabase } from '@musubi/testing';
import { type DataSource } from 'typeorm';

const APPLICATION = 'musubi-model';

/** One database for many runs, and the connections of the node that lives on it just now. */
export class Premises {
  private constructor(
    readonly database: TestDatabase,
    private connections: DataSource,
  ) {}

  static async open(): Promise<Premises> {
    const database = await openPostalDatabase();
    // Processes die here, the server does not: a commit need not wait for the disk.
    await database.dataSource.query(
      "do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$",
    );
    return new Premises(database, await connect(database, APPLICATION));
  }

  get db(): DataSource {
    return this.connections;
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
    this.connections = await connect(this.database, APPLICATION);
  }

  async close(): Promise<void> {
    await this.connections.destroy();
    await this.database.close();
  }
}
