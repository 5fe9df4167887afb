import {
  type AgentRecordStore,
  type ContactCard,
  PostgresAgentRecordStore,
  PostgresPeerStore,
  type PeerStore,
  type PutOutcome,
  StoredWhereabouts,
} from '@musubi/membership';
import { type AgentPubKey, type Clock, type Log, type Presence } from '@musubi/messaging';
import { type RemoteCalls } from '@musubi/network';
import {
  type AgentSigner,
  type Carrier,
  type NodeIdentity,
  NodeLinks,
  type NodePlace,
  NodeRemoteCalls,
} from '@musubi/network/nodes';
import { type DataSource } from 'typeorm';
import { OwnRecords } from './own-records.js';

export interface LinkedNetworkOptions {
  readonly database: DataSource;
  readonly identity: NodeIdentity;
  readonly carriers: readonly Carrier[];
  /** What others dial. None: the places where the carriers listen. */
  readonly addresses: readonly string[];
  /** 32 bytes that seal and name the records of agents. */
  readonly recordSecret: Uint8Array;
  /** Calls among the agents of this node. */
  readonly inner: RemoteCalls;
  readonly presence: Presence;
  readonly signer: AgentSigner;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly callTimeoutMs: number;
}

/** Every node of a network of some 10,000 nodes, and 300 bytes each. */
const PEER_LIMITS = { maxRecords: 20_000, maxBytes: 16 * 1024 * 1024 };
/** This node's agents that have been in touch with other nodes, and those of other nodes that they know. */
const AGENT_LIMITS = { maxRecords: 100_000, maxBytes: 64 * 1024 * 1024 };
/** Well within the half lease after which a record is signed anew. */
const RENEWAL_MS = 3_600_000;

/** What this node shows of its links. */
export interface LinkedNetworkStatus {
  readonly key: string;
  readonly addresses: readonly string[];
  readonly peers: { readonly linked: number; readonly known: number };
}

/** The links of this node to others: its calls, its records, and what it knows of who is where. */
export class LinkedNetwork {
  readonly calls: RemoteCalls;
  readonly agents: AgentRecordStore;
  readonly peers: PeerStore;
  private readonly links: NodeLinks;
  private readonly own: OwnRecords;
  private readonly whereabouts: StoredWhereabouts;
  private readonly closing = new AbortController();
  private addresses: readonly string[];

  constructor(private readonly options: LinkedNetworkOptions) {
    const { database, identity, inner, presence, recordSecret, signer, clock } = options;
    this.addresses = options.addresses;
    this.peers = new PostgresPeerStore(database, PEER_LIMITS);
    this.agents = new PostgresAgentRecordStore(database, recordSecret, AGENT_LIMITS);
    const stores = { agents: this.agents, peers: this.peers };
    this.own = new OwnRecords({ identity, signer, clock, ...stores });
    this.links = new NodeLinks({ ...options, self: identity.key, serve: (call) => inner.call(call) });
    this.whereabouts = new StoredWhereabouts(stores);
    const { links, whereabouts } = this;
    this.calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
  }

  /** Listens, and signs the record that says where. @throws what listening does, such as EADDRINUSE */
  async open(): Promise<void> {
    const listening = await this.links.open();
    if (this.addresses.length === 0) this.addresses = listening;
    await this.own.ofNode(this.addresses);
    void this.renew();
  }

  /** What a person gives another, so that the agent can be written to. @throws AgentOfflineError, RecordsFullError */
  async cardOf(agent: AgentPubKey): Promise<ContactCard> {
    return { agent: await this.own.ofAgent(agent), node: await this.own.ofNode(this.addresses) };
  }

  /** Keeps both records of a card. @returns what became of the agent's */
  async take({ agent, node }: ContactCard): Promise<PutOutcome> {
    if ((await this.peers.put(node, null)) === 'full') return 'full';
    return this.agents.put(agent, null);
  }

  /** @returns undefined when nothing is known of it, or it has left */
  whereIs(agent: AgentPubKey): Promise<NodePlace | undefined> {
    return this.whereabouts.nodeOf(agent);
  }

  status(): LinkedNetworkStatus {
    const { key } = this.options.identity;
    return { key, addresses: this.addresses, peers: { linked: this.links.linked().length, known: 0 } };
  }

  /** Lets calls end that are under way, for so long at most, and closes whatever is left. */
  async close(withinMs: number): Promise<void> {
    this.closing.abort();
    await this.links.close(withinMs);
  }

  private async renew(): Promise<void> {
    const { clock, log } = this.options;
    const { signal } = this.closing;
    for (;;) {
      await clock.sleep(RENEWAL_MS, signal);
      if (signal.aborted) return;
      try {
        await this.own.ofNode(this.addresses);
      } catch (error) {
        log.warn('record-not-renewed', { error: error instanceof Error ? error.name : typeof error });
      }
    }
  }
}
