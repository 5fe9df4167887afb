import { type CommitFaultRule, type NodeContext, type Ordering, cellDatabase } from '@musubi/cell';
import { MINIMAL_COST, randomBytes } from '@musubi/crypto';
import { type DatabaseParts, combineParts } from '@musubi/database';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { deliveryDatabase } from '@musubi/delivery';
import { historyDatabase } from '@musubi/history';
import { SystemClock, silentLog } from '@musubi/messaging';
import { FaultPlan, InProcessRemoteCalls, InProcessSignals, type NetworkFaultRule } from '@musubi/network';
import { createNode } from '@musubi/node';
import { receiptsDatabase } from '@musubi/receipts';
import { timeSinceNoon } from './noon.js';

export interface TestNode {
  readonly context: NodeContext;
  readonly database: TestDatabase;
  /** The remote calls that are to fail. */
  readonly networkFaults: FaultPlan<NetworkFaultRule>;
  /** The commits that are to fail. */
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  close(): Promise<void>;
}

interface NodeVariant {
  readonly ordering?: Ordering;
  /** What stored keys are sealed under besides a passphrase; a new one unless the node was there before. */
  readonly nodeKey?: Uint8Array;
  readonly ownsDatabase?: boolean;
}

interface TestNodeOptions extends NodeVariant {
  /** The tables of the strategy under test. */
  readonly parts?: readonly DatabaseParts[];
}

/** A node without strategies, with a database of its own, an empty keyring and an in-process network. */
export async function openTestNode({ parts = [], ...variant }: TestNodeOptions = {}): Promise<TestNode> {
  const database = await openNodeDatabase(parts);
  return { ...(await nodeOn(database, variant)), close: () => database.close() };
}

/** The tables of a node and of the strategy under test. */
export function openNodeDatabase(parts: readonly DatabaseParts[]): Promise<TestDatabase> {
  const tables = combineParts(cellDatabase, receiptsDatabase, historyDatabase, deliveryDatabase, ...parts);
  return openTestDatabase(tables, { poolSize: 8 });
}

/** A node without strategies, with an in-process network and nobody online, on a database that outlives it. */
export async function nodeOn(
  database: TestDatabase,
  { ordering, nodeKey = randomBytes(32), ownsDatabase = false }: NodeVariant,
): Promise<TestNode> {
  const networkFaults = new FaultPlan<NetworkFaultRule>(() => 0);
  const commitFaults = new FaultPlan<CommitFaultRule>(() => 0);
  const clock = new SystemClock(timeSinceNoon);
  const context = await createNode({
    database: database.dataSource,
    ownsDatabase,
    keys: { nodeKey, cost: MINIMAL_COST },
    clock,
    random: randomBytes,
    log: silentLog,
    ordering,
    network: (presence) => ({
      calls: new InProcessRemoteCalls({ presence, clock, timeoutMs: 30_000 }),
      signals: new InProcessSignals(),
    }),
    strategies: () => ({}),
    delivery: { jitter: () => 0.5 },
    faults: { network: networkFaults, commits: commitFaults, crash: neverAgain },
  });
  return { context, database, networkFaults, commitFaults, close: () => Promise.resolve() };
}

/** A node that crashed: calls to it never end. */
function neverAgain(): Promise<never> {
  return new Promise(() => undefined);
}
