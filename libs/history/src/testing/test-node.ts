import {
  type CommitFaultRule,
  FaultyCommits,
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
import { FaultPlan, InProcessRemoteCalls, InProcessSignals } from '@musubi/network';
import { receiptsDatabase } from '@musubi/receipts';
import { historyDatabase } from '../schema/index.js';

export interface TestNode {
  readonly context: NodeContext;
  readonly database: TestDatabase;
  /** The commits that are to fail. */
  readonly commitFaults: FaultPlan<CommitFaultRule>;
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
  const commitFaults = new FaultPlan<CommitFaultRule>(() => 0);
  return {
    context: contextOn(database, ordering, commitFaults),
    database,
    commitFaults,
    close: () => database.close(),
  };
}

function contextOn(
  { dataSource }: TestDatabase,
  ordering: Ordering,
  commitFaults: FaultPlan<CommitFaultRule>,
): NodeContext {
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
    chains: { ordering },
    commits: new FaultyCommits(commitFaults, neverAgain),
    outbox: forgetfulOutbox,
  };
}

/** A node that crashed: whoever waits for it waits for good. */
function neverAgain(): Promise<never> {
  return new Promise(() => undefined);
}
