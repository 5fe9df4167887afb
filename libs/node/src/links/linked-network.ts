import {
  type AgentRecord,
  type BootstrapNode,
  CARD_SHARE,
  type CardOutcome,
  type ContactCard,
  MAX_RECORD_BYTES,
  Membership,
  type MoveAnswer,
  PostgresAgentRecordStore,
  PostgresCardStore,
  PostgresPeerStore,
  type PutOutcome,
  type RecordWatch,
  type SignedAgentRecord,
  StoredWhereabouts,
  encodeStatement,
  readStatement,
} from '@musubi/membership';
import { type AgentFences } from '@musubi/cell';
import { type Sql } from '@musubi/database';
import { AgentOfflineError, type AgentPubKey, type Clock, type Log, type Presence } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome, type RemoteCalls } from '@musubi/network';
import {
  type AgentSigner,
  type Carrier,
  MOVED,
  type NodeIdentity,
  type NodeKey,
  NodeLinks,
  type NodePlace,
  NodeRemoteCalls,
  type RelayCarrier,
} from '@musubi/network/nodes';
import { type DataSource } from 'typeorm';
import { REFUSED_AS_DELETED } from '../deletion/deleted-agents.js';
import { CalledAgents } from './called-agents.js';
import { type ForeignContacts } from './foreign-contacts.js';

interface LinkedNetworkOptions {
  readonly database: DataSource;
  readonly identity: NodeIdentity;
  readonly carriers: readonly Carrier[];
  /** What others dial. None: the places where the carriers listen. */
  readonly addresses: readonly string[];
  /** Nodes that are dialled first. */
  readonly bootstrap: readonly BootstrapNode[];
  /** 32 bytes that seal and name the records of agents. */
  readonly recordSecret: Uint8Array;
  /** Calls among the agents of this node. */
  readonly inner: RemoteCalls;
  readonly presence: Presence;
  readonly signer: AgentSigner;
  /** Agents of this node that have left it, or are leaving. */
  readonly fences: AgentFences;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly callTimeoutMs: number;
  /** This node relays for others. */
  readonly isRelay?: boolean | undefined;
  /** Waits at relays, when others cannot dial this node. */
  readonly relayCarrier?: RelayCarrier | undefined;
  /** Makes this process the one of its node that has the links. @returns what gives them up */
  readonly hold?: (() => Promise<() => Promise<void>>) | undefined;
}

/** Every node of a network of some 10,000 nodes. */
const MOST_PEERS = 20_000;
/**
 * The number bounds them, never the bytes: each may have the longest record, and a fork as long. Else nodes of cards, which stay,
 * could grow with newer records and forks until no other node has room.
 */
const PEER_LIMITS = { maxRecords: MOST_PEERS, maxBytes: 2 * MAX_RECORD_BYTES * MOST_PEERS };
/**
 * This node's agents that have been in touch with other nodes, and those of other nodes that they know. Their records are
 * all as long: 296 bytes as they are sealed, and a fork as many. So here, too, the number bounds them.
 */
const AGENT_LIMITS = { maxRecords: 100_000, maxBytes: 64 * 1024 * 1024 };

/** What this node shows of its links. */
interface LinkedNetworkStatus {
  readonly key: string;
  readonly addresses: readonly string[];
  readonly peers: { readonly linked: number; readonly failing: number; readonly known: number };
}

/** What waits for these agents may leave: they, or their node, were heard from. */
type Hasten = (agents: readonly AgentPubKey[]) => void;

/** The links of this node to others: its calls, its records, and what it knows of who is where. */
export class LinkedNetwork {
  readonly calls: RemoteCalls;
  private readonly agents: PostgresAgentRecordStore;
  private readonly peers: PostgresPeerStore;
  private readonly cards: PostgresCardStore;
  private readonly links: NodeLinks;
  private readonly membership: Membership;
  private readonly whereabouts: CalledAgents;
  private addresses: readonly string[];
  private hasten: Hasten = () => undefined;
  private contacts: ForeignContacts | undefined;
  private giveUp: (() => Promise<void>) | undefined;

  constructor(private readonly options: LinkedNetworkOptions) {
    const { database, identity, inner, presence, recordSecret } = options;
    this.addresses = options.addresses;
    this.peers = new PostgresPeerStore(database, PEER_LIMITS);
    this.agents = new PostgresAgentRecordStore(database, recordSecret, {
      ...AGENT_LIMITS,
      watch: this.fencing(),
    });
    const { agents, peers } = this;
    const cards = { self: identity.key, secret: recordSecret, agents, peers, share: CARD_SHARE };
    this.cards = new PostgresCardStore(database, cards);
    const stores = { agents, peers, cards: this.cards };
    this.whereabouts = new CalledAgents(new StoredWhereabouts(stores));
    this.links = new NodeLinks({
      ...options,
      self: identity.key,
      serve: (call, from) => this.serve(call, from),
    });
    const { links, whereabouts } = this;
    this.membership = new Membership({
      ...options,
      links,
      stores,
      onHeard: (node) => {
        whereabouts.forgetPlacesOn(node);
        this.hasten(whereabouts.on(node));
      },
      onBack: (agent) => {
        this.hasten([agent]);
      },
      hasLeft: (agent) => leavingStateOf(options.fences, agent),
      onRecord: (agent) => {
        whereabouts.forget(agent);
        this.hasten([agent]);
      },
    });
    const learnWhere = (agent: AgentPubKey, from: NodeKey): Promise<boolean> =>
      this.membership.moves.learnFrom(from, agent);
    this.calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links, learnWhere });
  }

  /** Listens, signs the record that says where, and looks for others. @throws what holding and listening do */
  async open(hasten: Hasten): Promise<void> {
    this.hasten = hasten;
    this.giveUp = await this.options.hold?.();
    const listening = await this.links.open();
    if (this.addresses.length === 0) this.addresses = listening;
    await this.membership.start({ addresses: this.addresses });
  }

  /** Bounds what agents of other nodes may begin, from now on. */
  boundBy(contacts: ForeignContacts): void {
    this.contacts = contacts;
  }

  /** The agent came online here. Nodes that have called it in vain are told. */
  announce(agent: AgentPubKey): void {
    this.membership.tellOfReturn(agent);
  }

  /**
   * What a person gives another, so that the agent can be written to.
   * @throws AgentOfflineError when it is locked, and was so whenever a card was asked for
   */
  async cardOf(agent: AgentPubKey): Promise<ContactCard> {
    const card = await this.membership.cardOf(agent);
    if (card === undefined)
      throw new AgentOfflineError('the key of this agent is locked, and it has no card yet');
    return card;
  }

  /** Keeps both records of a card until its holder releases it. */
  take(holder: AgentPubKey, card: ContactCard): Promise<CardOutcome> {
    return this.membership.take(holder, card);
  }

  /** The holder needs the records of the card no longer. Repeatable. */
  release(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    return this.cards.release(holder, agent);
  }

  /** The agent was deleted: its own record goes, and what tells how many cards it held. Repeatable. */
  async forget(agent: AgentPubKey): Promise<void> {
    await this.cards.forget(agent);
    await this.agents.remove(agent);
  }

  /** Where others dial this node. */
  get place(): NodePlace {
    return { node: this.options.identity.key, addresses: this.addresses };
  }

  /** What is known of where the agent lives, signed; `null` when that is not known. */
  async statementOf(agent: AgentPubKey): Promise<Uint8Array | null> {
    const card = await this.membership.cardOf(agent);
    return card === undefined ? null : encodeStatement(card);
  }

  /** Another node has had it from the agent that came from there: what does not hold is passed over. */
  async takeStatement(bytes: Uint8Array, toldBy: NodeKey): Promise<void> {
    const statement = readStatement(bytes);
    if (statement !== null) await this.membership.moves.hear(statement, toldBy);
  }

  /** Of the agent's latest record that is known; 0 when none is. */
  async lastSeqOf(agent: AgentPubKey): Promise<number> {
    return (await this.agents.find(agent))?.record.content.seq ?? 0;
  }

  /** Stores a record of an agent of this node. */
  put(record: SignedAgentRecord): Promise<PutOutcome> {
    return this.agents.put(record, null);
  }

  /** The same, in the caller's transaction. */
  putWithin(tx: Sql, record: SignedAgentRecord): Promise<PutOutcome> {
    return this.agents.putWithin(tx, record, null);
  }

  /** Tells the old home of an agent that it lives here. */
  async announceMove(from: NodePlace, record: SignedAgentRecord): Promise<MoveAnswer> {
    return this.membership.moves.announceTo(from, { agent: record, node: await this.membership.record() });
  }

  /** The agent lives here since now: what waits for it leaves. */
  noteHome(agent: AgentPubKey): void {
    this.links.reconsider(agent);
    this.whereabouts.forget(agent);
    this.hasten([agent]);
  }

  /** @returns undefined when nothing is known of it, or it has left */
  whereIs(agent: AgentPubKey): Promise<NodePlace | undefined> {
    return this.whereabouts.nodeOf(agent);
  }

  /** An agent that has left is called at its new home. */
  private serve(call: RemoteCall, from: NodeKey): Promise<RemoteCallOutcome> {
    const { fences, inner } = this.options;
    const answer = (): Promise<RemoteCallOutcome> => inner.call(call);
    const fence = fences.find(call.to);
    if (fence?.isDeleted === true) return Promise.resolve(REFUSED_AS_DELETED);
    if (fence?.isMoved !== true) return this.contacts?.admit(call, from, answer) ?? answer();
    return Promise.resolve({ kind: 'refused', code: MOVED, retryable: true });
  }

  /** A record that names another node fences the agent here, in the transaction that stores it. */
  private fencing(): RecordWatch<AgentRecord> {
    const { fences, identity } = this.options;
    return {
      within: (tx, { content: { agent, node, seq } }) =>
        fences.follow(tx, agent, { isHere: node === identity.key, seq }),
      stored: async ({ content: { agent, node } }) => {
        if (node !== identity.key) await fences.refresh(agent);
      },
    };
  }

  async status(): Promise<LinkedNetworkStatus> {
    const { key } = this.options.identity;
    const records = await this.peers.count();
    const linked = this.links.linked().length;
    const failing = this.links.failing().length;
    // This node's own record is one of them.
    const known = Math.max(0, records - 1 - linked - failing);
    return { key, addresses: this.addresses, peers: { linked, failing, known } };
  }

  /** Lets calls end that are under way, for so long at most, and closes whatever is left. */
  async close(withinMs: number): Promise<void> {
    await Promise.all([this.membership.stop(), this.links.close(withinMs)]);
    await this.giveUp?.();
  }
}

function leavingStateOf(fences: AgentFences, agent: AgentPubKey): 'leaving' | 'moved' | undefined {
  const fence = fences.find(agent);
  // Of a deleted one nobody is told where it lives, and nobody takes it by an old file.
  if (fence === undefined || fence.isDeleted) return undefined;
  return fence.isMoved ? 'moved' : 'leaving';
}
