import { type DatabaseParts } from '@musubi/database';
import { CreateCell1763900000000 } from './migrations.js';
import {
  actionTable,
  agentKeyTable,
  chainEntryTable,
  chainHeadTable,
  dhtEntryTable,
  dhtLinkTable,
} from './tables.js';

export * from './tables.js';

/** The tables of cells, and the migrations that make them. */
export const cellDatabase: DatabaseParts = {
  entities: [agentKeyTable, chainHeadTable, actionTable, chainEntryTable, dhtEntryTable, dhtLinkTable],
  migrations: [CreateCell1763900000000],
};
