import {
  AgentFences,
  type CommitHooks,
  FileStore,
  Files,
  Keyring,
  KeyStore,
  type NodeContext,
  type Ordering,
  Writers,
} from '@musubi/cell';
import { type AgentKeys, type PassphraseCost, type RandomBytes } from '@musubi/crypto';
import {
  Delivery,
  type DeliveryParts,
  OutboxStore,
  type OutboxStoreOptions,
  type Patience,
  USUAL_PATIENCE,
} from '@musubi/delivery';
import { markChanged } from '@musubi/history';
import {
  type AgentPubKey,
  type Clock,
  type Log,
  type MessagingStrategy,
  type Strategies,
} from '@musubi/messaging';
import { type RemoteCalls, type Signals } from '@musubi/network';
import { type DataSource } from 'typeorm';
import { refusingDeleted } from './deletion/deleted-agents.js';
import { Lifecycle, type Reachability } from './lifecycle.js';
import { type NodeFaults, callsWith, commitsWith } from './node-faults.js';
import { Typing } from './typing.js';

/** As long as two remote calls of the service may take: a probe and a send. */
const LEASE_US = 20_000_000;
const MAX_LANES = 32;
/** Well below the lease of a step: the fallback where no word comes from PostgreSQL. */
const POLL_MS = 5000;
/** 256 MiB. */
const FILE_QUOTA_BYTES = 256 * 1024 * 1024;

/** How the agents of a node reach others, and are reached. */
export interface NodeNetwork extends Reachability {
  readonly calls: RemoteCalls;
  readonly signals: Signals;
}

interface DeliveryOptions extends Pick<DeliveryParts, 'jitter' | 'listen'> {
  /** How long nobody else tries a step that was just committed or claimed, in microseconds; 20 s when absent. */
  readonly leaseUs?: number;
  /** How long a step is tried again that nobody takes up; 30 days when absent. */
  readonly patience?: Patience | undefined;
  /** How many lanes the worker has in flight at once; 32 when absent. */
  readonly maxLanes?: number;
  /** How long the worker sleeps at most without looking, in milliseconds; 5,000 when absent. */
  readonly pollMs?: number;
  /** Makes another outbox in place of the usual one. */
  readonly makeOutbox?: ((options: OutboxStoreOptions) => OutboxStore) | undefined;
}

export interface NodeOptions<Offered extends Partial<Strategies>, Network extends NodeNetwork> {
  readonly database: DataSource;
  /** No other process writes the database. */
  readonly ownsDatabase?: boolean;
  /** What seals agents' keys. */
  readonly keys: {
    /** 32 bytes that seal the seeds of unattended agents. */
    readonly nodeKey: Uint8Array;
    readonly cost: PassphraseCost;
  };
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** `relaxed` when absent. */
  readonly ordering?: Ordering | undefined;
  /** The keyring signs for agents that prove themselves to other nodes; of fenced ones, these are told where they live. */
  readonly network: (keyring: Keyring, fences: AgentFences) => Network | Promise<Network>;
  readonly strategies: (context: NodeContext) => Offered;
  readonly delivery: DeliveryOptions;
  /** What the files of one agent may take; 256 MiB when absent. */
  readonly fileQuotaBytes?: number | undefined;
  readonly faults?: NodeFaults | undefined;
  /** Stand between the strategies and what they use, faults included: a wiretap, a counter, a barrier. */
  readonly wrap?: {
    readonly calls?: ((calls: RemoteCalls) => RemoteCalls) | undefined;
    readonly commits?: ((commits: CommitHooks) => CommitHooks) | undefined;
  };
}

/** A whole node: what it lends to its strategies, the strategies, and the delivery of what they store. */
export interface MessagingNode<
  Offered extends Partial<Strategies> = Strategies,
  Network extends NodeNetwork = NodeNetwork,
> extends NodeContext {
  readonly outbox: OutboxStore;
  /** To be loaded before the first agent comes online. */
  readonly fences: AgentFences;
  readonly network: Network;
  readonly strategies: Offered;
  readonly delivery: Delivery;
  readonly typing: Typing;
  readonly lifecycle: Lifecycle;
}

/** Puts a node together. Nothing runs yet: `lifecycle.start()` starts the strategies, `delivery.start()` the worker. */
export async function createNode<Offered extends Partial<Strategies>, Network extends NodeNetwork>(
  options: NodeOptions<Offered, Network>,
): Promise<MessagingNode<Offered, Network>> {
  const { log } = options;
  const keyring = makeKeyring(options);
  const fences = new AgentFences(options.database);
  const network = await options.network(keyring, fences);
  const context = makeContext(options, keyring, {
    signals: network.signals,
    calls: refusingDeleted(network.calls, fences),
    fences,
  });
  const strategies = options.strategies(context);
  const delivery = makeDelivery(options, context, strategies);
  const all: readonly MessagingStrategy[] = Object.values(strategies);
  const typing = new Typing(context, strategies);
  const lifecycle = new Lifecycle({ strategies: all, delivery, keyring, network, typing, log });
  return { ...context, fences, network, strategies, delivery, typing, lifecycle };
}

type AnyOptions = NodeOptions<Partial<Strategies>, NodeNetwork>;
type Context = NodeContext & { readonly outbox: OutboxStore };
type Reach = Pick<NodeNetwork, 'calls' | 'signals'> & { readonly fences: AgentFences };

function makeKeyring({ database, keys, random }: AnyOptions): Keyring {
  return new Keyring({ store: new KeyStore(database), ...keys, random });
}

function makeContext(
  options: AnyOptions,
  keyring: Keyring,
  { calls: reach, fences, signals }: Reach,
): Context {
  const { database: db, clock, faults, log, ordering = 'relaxed', ownsDatabase = false, random } = options;
  const { fileQuotaBytes = FILE_QUOTA_BYTES } = options;
  const { calls = same, commits = same } = options.wrap ?? {};
  return {
    db,
    ownsDatabase,
    keyring,
    calls: calls(callsWith(faults, reach, clock)),
    signals,
    wasDeleted: (agent) => fences.find(agent)?.isDeleted === true,
    clock,
    random,
    log,
    chains: { ordering },
    commits: commits(commitsWith(faults)),
    outbox: makeOutbox(options, keyring),
    writers: new Writers({ db, keyring, ownsDatabase }),
    files: new Files(new FileStore({ db, clock, random, quotaBytes: fileQuotaBytes })),
  };
}

function makeOutbox({ database: db, clock, log, delivery }: AnyOptions, keyring: Keyring): OutboxStore {
  const { leaseUs = LEASE_US, makeOutbox: make = usualOutbox, patience = USUAL_PATIENCE } = delivery;
  const keysOf = (agent: AgentPubKey): AgentKeys => keyring.keysOf(agent);
  return make({ db, clock, log, leaseUs, patience, keysOf, changed: markChanged });
}

function makeDelivery({ delivery }: AnyOptions, node: Context, strategies: Partial<Strategies>): Delivery {
  const { jitter, listen, maxLanes = MAX_LANES, patience = USUAL_PATIENCE, pollMs = POLL_MS } = delivery;
  return new Delivery({ node, outbox: node.outbox, strategies, jitter, patience, listen, maxLanes, pollMs });
}

function usualOutbox(options: OutboxStoreOptions): OutboxStore {
  return new OutboxStore(options);
}

function same<Part>(part: Part): Part {
  return part;
}
