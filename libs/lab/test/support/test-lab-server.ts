import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type LabServer } from '../../src/node/lab-server.js';
import { labDatabase } from '../../src/node/variants.js';

/** A lab's server whose databases are on the server of the tests. Nothing here ends their connections. */
export class TestLabServer implements LabServer {
  readonly version = 'of the tests';
  private readonly databases: TestDatabase[] = [];

  async open({ poolSize }: Parameters<LabServer['open']>[0]): ReturnType<LabServer['open']> {
    const database = await openTestDatabase(labDatabase, { poolSize });
    this.databases.push(database);
    return database.dataSource;
  }

  /** They all go at the end. */
  drop(): Promise<void> {
    return Promise.resolve();
  }

  writtenBytes(): null {
    return null;
  }

  cut(): Promise<void> {
    return Promise.reject(new Error('no test cuts connections'));
  }

  async close(): Promise<void> {
    for (const database of this.databases.splice(0)) await database.close();
  }
}
