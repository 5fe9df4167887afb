import { cellDatabase } from '@musubi/cell';
import { combineParts, createDataSource } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { deliveryDatabase } from '@musubi/delivery';
import { globalDhtDatabase } from '@musubi/global-dht';
import { historyDatabase } from '@musubi/history';
import { pairwiseDhtDatabase } from '@musubi/pairwise-dht';
import { receiptsDatabase } from '@musubi/receipts';
import { countersigningDatabase } from '@musubi/source-chain';
import { type DataSource } from 'typeorm';

const POOL_SIZE = 8;

const PARTS = combineParts(
  cellDatabase,
  receiptsDatabase,
  historyDatabase,
  deliveryDatabase,
  pairwiseDhtDatabase,
  globalDhtDatabase,
  countersigningDatabase,
);

/** A migrated database for one node after another. */
export function openPostalDatabase(poolSize = POOL_SIZE): Promise<TestDatabase> {
  return openTestDatabase(PARTS, { poolSize });
}

/** One process's connections to that database. */
export function connect({ url }: TestDatabase, applicationName: string): Promise<DataSource> {
  return createDataSource({ ...PARTS, url, applicationName, poolSize: POOL_SIZE }).initialize();
}
