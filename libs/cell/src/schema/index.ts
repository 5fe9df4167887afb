import { type DatabaseParts } from '@musubi/database';
import { CreateContacts1764600200000 } from './contacts.migration.js';
import { FenceDeleted1765080000000 } from './deletion.migration.js';
import { CreateDhtFeed1764300100000 } from './feed.migration.js';
import { FenceAgents1764700000000 } from './fence.migration.js';
import { FenceContacts1764700200000 } from './fence-contacts.migration.js';
import { fileChunkTable, fileTable, fileUseTable } from './file-tables.js';
import { CreateFiles1765048000000 } from './files.migration.js';
import { CreateCell1763900000000 } from './migrations.js';
import { CreateReading1765000000000 } from './reading.migration.js';
import {
  actionTable,
  agentFenceTable,
  agentKeyTable,
  agentSettingTable,
  blockedAgentTable,
  chainEntryTable,
  chainHeadTable,
  contactDetailTable,
  contactTable,
  dhtArrivalTable,
  dhtDayTable,
  dhtEntryTable,
  dhtFeedTable,
  dhtLinkTable,
  dhtPeriodTable,
  readingSettingTable,
} from './tables.js';
import { CreateWriters1764800000000 } from './writers.migration.js';

export * from './file-tables.js';
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
    contactTable,
    blockedAgentTable,
    agentSettingTable,
    contactDetailTable,
    readingSettingTable,
    fileTable,
    fileChunkTable,
    fileUseTable,
  ],
  migrations: [
    CreateCell1763900000000,
    CreateDhtFeed1764300100000,
    CreateContacts1764600200000,
    FenceAgents1764700000000,
    FenceContacts1764700200000,
    CreateWriters1764800000000,
    CreateReading1765000000000,
    CreateFiles1765048000000,
    FenceDeleted1765080000000,
  ],
};
