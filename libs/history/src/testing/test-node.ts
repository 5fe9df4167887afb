import {
  Keyring,
  KeyStore,
  type NodeContext,
  type Ordering,
  cellDatabase,
  forgetfulOutbox,
} from '@musubi/cell';
import { MINIMAL_COST, randomBytes } from '@musubi/crypto';
import { type DatabaseParts, combineParts } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { SystemClock, silentLog } from '@musubi/messaging';
import { InProcessRemoteCalls, InProcessSignals } from '@musubi/network';
import { receiptsDatabase } from '@musubi/receipts';
import { historyDatabase } from '../schema/index.js';

export interface TestNode {
  readonly context: NodeContext;
  readonly database: TestDatabase;
  /** Makes the next commit of any chain fail at its last moment. */
  failNextCommit(): void;
  close(): Promise<void>;
}

export interface TestNodeOptions {
  readonly ordering?: Ordering;
  /** The tables of the strategy under test. */
  readonly parts?: readonly DatabaseParts[];
}

/** A node with a database of its own, an empty keyring and an in-process network. */
export async function openTestNode({
  ordering = 'relaxed',
  parts = [],
}: TestNodeOptions = {}): Promise<TestNode> {
  const database = await openTestDatabase(
    combineParts(cellDatabase, receiptsDatabase, historyDatabase, ...parts),
    { poolSize: 8 },
  );
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const keyring = new Keyring({
    store: new KeyStore(database.dataSource),
    nodeKey: randomBytes(32),
    cost: MINIMAL_COST,
    random: randomBytes,
  });
  const calls = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: 30_000 });
  let failures = 0;
  const beforeCommit = (): Promise<void> => {
    if (failures === 0) return Promise.resolve();
    failures -= 1;
    return Promise.reject(new Error('the commit was made to fail'));
  };
  return {
    context: {
      db: database.dataSource,
      keyring,
      calls,
      signals: new InProcessSignals(),
      clock,
      random: randomBytes,
      log: silentLog,
      chains: { ordering, beforeCommit },
      outbox: forgetfulOutbox,
    },
    database,
    failNextCommit: () => {
      failures += 1;
    },
    close: () => database.close(),
  };
}
