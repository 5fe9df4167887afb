import { type DatabaseParts, combineParts, createDataSource } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { countersigningDatabase } from '@musubi/experiments';
import { nodeDatabase } from '@musubi/node';
import { type DataSource } from 'typeorm';

const POOL_SIZE = 8;

const PARTS = combineParts(nodeDatabase, countersigningDatabase);

const NO_MORE: DatabaseParts = { entities: [], migrations: [] };

/** A migrated database for one node after another. @param more tables than those of a node that is alone */
export function openDeliveryDatabase(poolSize = POOL_SIZE, more = NO_MORE): Promise<TestDatabase> {
  return openTestDatabase(combineParts(PARTS, more), { poolSize, isUnhurried: true });
}

/** One process's connections to that database. */
export function connect({ url }: TestDatabase, applicationName: string, more = NO_MORE): Promise<DataSource> {
  return createDataSource({
    ...combineParts(PARTS, more),
    url,
    applicationName,
    poolSize: POOL_SIZE,
    isUnhurried: true,
  }).initialize();
}
