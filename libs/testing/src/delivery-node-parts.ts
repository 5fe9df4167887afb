import { type CommitFaultRule, type Keyring, type NodeContext, type Ordering } from '@musubi/cell';
import { type AgentKeys, type RandomBytes, randomBytes } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type OutboxStore, type OutboxStoreOptions, type Patience } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { FaultPlan, type NetworkFaultRule } from '@musubi/network';
import { type NodeNetwork, type NodeStrategies } from '@musubi/node';
import { type DataSource } from 'typeorm';
import { AdvancingClock } from './advancing-clock.js';
import { type Roads } from './roads.js';

/** What a node is made of; all of it but `db` and `crash` may outlive its process. */
export interface DeliveryNodeParts {
  readonly database: TestDatabase;
  /** The node's own connections. */
  readonly db: DataSource;
  readonly clock: AdvancingClock;
  readonly faults: FaultPlan<NetworkFaultRule>;
  readonly commitFaults: FaultPlan<CommitFaultRule>;
  readonly random: RandomBytes;
  /** What happens when a commit fault ends the process. */
  readonly crash: () => Promise<never>;
  /** Placements that take the place of the real ones. */
  readonly instead?: ((node: NodeContext) => Partial<NodeStrategies>) | undefined;
  /** On which it meets other nodes; its own when absent. */
  readonly roads?: Roads | undefined;
  /** Instead of those roads: how it reaches others and is reached. */
  readonly network?: ((keyring: Keyring) => NodeNetwork) | undefined;
  /** Keys that are at hand: their agents sign in without a passphrase, which takes a thread and real time. */
  readonly keys?: ReadonlyMap<AgentPubKey, AgentKeys> | undefined;
  /** `relaxed` when absent. */
  readonly ordering?: Ordering | undefined;
  /** 1000 when absent. */
  readonly cloneLimit?: number | undefined;
  /** How long a caller waits for a reply, by the node's clock; 30 s when absent. */
  readonly callTimeoutMs?: number | undefined;
  /** How many lanes a worker has in flight at once; 8 when absent. */
  readonly maxLanes?: number | undefined;
  /** How long the outbox tries what nobody takes up; 30 days when absent. */
  readonly patience?: Patience | undefined;
  /** What the files of one agent may take; 256 MiB when absent. */
  readonly fileQuotaBytes?: number | undefined;
  /** How often mailboxes are read without a push, in milliseconds; 600,000 when absent. */
  readonly mailboxPollMs?: number | undefined;
  /** An outbox that takes the place of the real one. */
  readonly makeOutbox?: ((options: OutboxStoreOptions) => OutboxStore) | undefined;
  /** A number in [0, 1) for each wait; always 0.5 when absent. */
  readonly jitter?: (() => number) | undefined;
}

/** A node that nothing happens to yet, on a database. */
export function freshParts(database: TestDatabase): DeliveryNodeParts {
  return {
    database,
    db: database.dataSource,
    clock: new AdvancingClock(),
    faults: new FaultPlan(() => 0),
    commitFaults: new FaultPlan(() => 0),
    random: randomBytes,
    // A call to a process that died never ends.
    crash: () => new Promise<never>(() => undefined),
  };
}
