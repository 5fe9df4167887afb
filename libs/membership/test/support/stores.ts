import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import {
  type AgentRecordStore,
  InMemoryAgentRecordStore,
  InMemoryPeerStore,
  type PeerStore,
  PostgresAgentRecordStore,
  PostgresPeerStore,
  type StoreLimits,
  membershipDatabase,
} from '@musubi/membership';

export interface Stores {
  readonly peers: PeerStore;
  readonly agents: AgentRecordStore;
}

export interface StoreHarness {
  /** Over the same rows whenever it is called, until `clear`. */
  open(limits: StoreLimits): Stores;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const ROOMY: StoreLimits = { maxRecords: 1000, maxBytes: 1_000_000 };
export const NODE_SECRET = new Uint8Array(32).fill(3);

export function inMemoryHarness(): Promise<StoreHarness> {
  return Promise.resolve({
    open: (limits) => ({
      peers: new InMemoryPeerStore(limits),
      agents: new InMemoryAgentRecordStore(limits),
    }),
    clear: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
}

export async function postgresHarness(): Promise<StoreHarness & { readonly database: TestDatabase }> {
  const database = await openTestDatabase(membershipDatabase);
  const { dataSource } = database;
  return {
    database,
    open: (limits) => ({
      peers: new PostgresPeerStore(dataSource, limits),
      agents: new PostgresAgentRecordStore(dataSource, NODE_SECRET, limits),
    }),
    clear: async () => {
      await dataSource.query('truncate node_record, agent_record');
    },
    close: () => database.close(),
  };
}
