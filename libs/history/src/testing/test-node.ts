import {
  Keyring,
  KeyStore,
  type NodeContext,
  type Ordering,
  type SourceChainsOptions,
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
  let failures = 0;
  const beforeCommit = (): Promise<void> => {
    if (failures === 0) return Promise.resolve();
    failures -= 1;
    return Promise.reject(new Error('the commit was made to fail'));
  };
  return {
    context: contextOn(database, { ordering, beforeCommit }),
    database,
    failNextCommit: () => {
      failures += 1;
    },
    close: () => database.close(),
  };
}

function contextOn({ dataSource }: TestDatabase, chains: SourceChainsOptions): NodeContext {
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const store = new KeyStore(dataSource);
  const keyring = new Keyring({ store, nodeKey: randomBytes(32), cost: MINIMAL_COST, random: randomBytes });
  return {
    db: dataSource,
    keyring,
    calls: new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: 30_000 }),
    signals: new InProcessSignals(),
    clock,
    random: randomBytes,
    log: silentLog,
    chains,
    outbox: forgetfulOutbox,
  };
}
