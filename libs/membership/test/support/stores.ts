import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import {
  type AgentRecordStore,
  type CardStore,
  InMemoryAgentRecordStore,
  InMemoryCardStore,
  InMemoryPeerStore,
  type PeerStore,
  PostgresAgentRecordStore,
  PostgresCardStore,
  PostgresPeerStore,
  type StoreLimits,
  membershipDatabase,
} from '@musubi/membership';
import { nodeNumber } from './people.js';

export interface Stores {
  readonly peers: PeerStore;
  readonly agents: AgentRecordStore;
  readonly cards: CardStore;
}

export interface StoreHarness {
  /** Over the same rows whenever it is called, until `clear`. */
  open(limits: StoreLimits): Stores;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const ROOMY: StoreLimits = { maxRecords: 1000, maxBytes: 1_000_000 };
export const NODE_SECRET = new Uint8Array(32).fill(3);

export const SHARE = 3;

export function inMemoryHarness(self = nodeNumber(99).key): Promise<StoreHarness> {
  return Promise.resolve({
    open: (limits) => {
      const peers = new InMemoryPeerStore(limits);
      const agents = new InMemoryAgentRecordStore(limits);
      return { peers, agents, cards: new InMemoryCardStore({ self, peers, agents, share: SHARE }) };
    },
    clear: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
}

export async function postgresHarness(): Promise<StoreHarness & { readonly database: TestDatabase }> {
  const database = await openTestDatabase(membershipDatabase);
  const { dataSource } = database;
  return {
    database,
    open: (limits) => {
      const peers = new PostgresPeerStore(dataSource, limits);
      const agents = new PostgresAgentRecordStore(dataSource, NODE_SECRET, limits);
      const parts = { self: nodeNumber(99).key, secret: NODE_SECRET, peers, agents, share: SHARE };
      return { peers, agents, cards: new PostgresCardStore(dataSource, parts) };
    },
    clear: async () => {
      await dataSource.query('truncate node_record, agent_record, card_hold');
    },
    close: () => database.close(),
  };
}
