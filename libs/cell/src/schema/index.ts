import { type DatabaseParts } from '@musubi/database';
import { CreateDhtFeed1764300100000 } from './feed.migration.js';
import { FenceAgents1764700000000 } from './fence.migration.js';
import { CreateCell1763900000000 } from './migrations.js';
import {
  actionTable,
  agentFenceTable,
  agentKeyTable,
  chainEntryTable,
  chainHeadTable,
  dhtArrivalTable,
  dhtDayTable,
  dhtEntryTable,
  dhtFeedTable,
  dhtLinkTable,
  dhtPeriodTable,
} from './tables.js';

export * from './tables.js';

/** The tables of cells, and the migrations that make them. */
export const cellDatabase: DatabaseParts = {
  entities: [
    agentKeyTable,
    agentFenceTable,
    chainHeadTable,
    actionTable,
    chainEntryTable,
    dhtEntryTable,
    dhtLinkTable,
    dhtPeriodTable,
    dhtDayTable,
    dhtArrivalTable,
    dhtFeedTable,
  ],
  migrations: [CreateCell1763900000000, CreateDhtFeed1764300100000, FenceAgents1764700000000],
};
