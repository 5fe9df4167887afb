import { combineParts, createDataSource } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { countersigningDatabase } from '@musubi/experiments';
import { nodeDatabase } from '@musubi/node';
import { type DataSource } from 'typeorm';

const POOL_SIZE = 8;

const PARTS = combineParts(nodeDatabase, countersigningDatabase);

/** A migrated database for one node after another. */
export function openPostalDatabase(poolSize = POOL_SIZE): Promise<TestDatabase> {
  return openTestDatabase(PARTS, { poolSize });
}

/** One process's connections to that database. */
export function connect({ url }: TestDatabase, applicationName: string): Promise<DataSource> {
  return createDataSource({ ...PARTS, url, applicationName, poolSize: POOL_SIZE }).initialize();
}
