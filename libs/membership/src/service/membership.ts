import { setMaxListeners } from 'node:events';
import { AgentOfflineError, type AgentPubKey, type Clock, type Log, dayOf } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import {
  type AgentSigner,
  type Introduced,
  type Introduction,
  type NodeIdentity,
  type NodeKey,
  type NodeLinks,
  type PeerService,
  type Question,
} from '@musubi/network/nodes';
import { type ContactCard } from '../card/contact-card.js';
import { RecordExchange } from '../exchange/record-exchange.js';
import { type SignedAgentRecord } from '../record/agent-record.js';
import { type SignedNodeRecord } from '../record/node-record.js';
import { type CardOutcome } from '../store/cards.js';
import { Acquaintance } from './acquaintance.js';
import { type BootstrapNode } from './bootstrap.js';
import { type MembershipHooks } from './hooks.js';
import { Introductions } from './introductions.js';
import { Moves, isOfMoves } from './moves.js';
import { type AnnounceOptions, type Announcement, type AnnouncingKeys, OwnAgents } from './own-agents.js';
import { NODE_LEASE_US, type NodePlaceContent, OwnNodeRecord } from './own-node-record.js';
import { type PeerState, PeerStates } from './peer-states.js';
import { RecordGossip } from './record-gossip.js';
import { BACK_TOPIC, ReturnNotices } from './return-notices.js';
import { RELAY_TOPIC, type RelayingOptions, Relays } from './relays.js';
import { encodeStatement } from './statement.js';
import { type MembershipStores } from './stores.js';

interface MembershipOptions extends MembershipHooks, RelayingOptions {
  readonly identity: NodeIdentity;
  /** Not opened yet. */
  readonly links: NodeLinks;
  readonly stores: MembershipStores;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Signs for the agents that are unlocked here. */
  readonly signer: AgentSigner;
  readonly bootstrap: readonly BootstrapNode[];
}

const MICROSECONDS_PER_MS = 1000;
/** How often the own record is looked at: well before half of its lease is over. */
const RENEWAL_MS = NODE_LEASE_US / MICROSECONDS_PER_MS / 8;
/** Peers in one page of states. */
const PAGE = 100;

/** One node among others: its own records, what it knows of other nodes and agents, and how it learns more. */
export class Membership implements PeerService {
  private readonly stopping = new AbortController();
  private readonly ownRecord: OwnNodeRecord;
  private readonly ownAgents: OwnAgents;
  private readonly introductions: Introductions;
  private readonly gossip: RecordGossip;
  private readonly acquaintance: Acquaintance;
  private readonly states: PeerStates;
  private readonly relays: Relays;
  private readonly returns: ReturnNotices;
  /** What is said between nodes of agents that move. */
  readonly moves: Moves;
  private readonly working = new Set<Promise<void>>();
  private isStarted = false;

  /** Attaches itself to the links. */
  constructor(private readonly options: MembershipOptions) {
    const { clock, identity, links, log, stores } = options;
    const { signal } = this.stopping;
    // Each timer listens to it.
    setMaxListeners(0, signal);
    const self = identity.key;
    const common = { ...options, self, store: stores.peers, signal };
    this.ownRecord = new OwnNodeRecord({ identity, store: stores.peers, clock, log });
    this.ownAgents = new OwnAgents({ self, store: stores.agents, clock, log });
    const onAgent = this.noteAgent.bind(this);
    this.introductions = new Introductions({
      self,
      stores,
      log,
      onAgent,
      onNode: (node) => {
        this.noteNode(node, node);
      },
    });
    this.gossip = new RecordGossip({
      ...common,
      exchange: this.exchange(),
      onLinked: async (peer) => {
        await stores.peers.noteContact(peer, dayOf(clock.now()));
        await this.relays.consider(peer);
      },
    });
    this.relays = new Relays({
      ...common,
      isHidden: () => this.ownRecord.said.addresses.length === 0,
      onChange: (relays) => this.moveTo({ relays }),
    });
    this.acquaintance = new Acquaintance(common);
    this.returns = new ReturnNotices(options);
    this.moves = new Moves({ ...options, onAgent });
    this.states = new PeerStates(links, clock);
    links.attach(this);
  }

  /**
   * Signs this node's record, and begins to look for others. Needs no network.
   * @param place where others can dial this node: what the owner has configured, or what `NodeLinks.open` gave
   */
  async start(place: Partial<NodePlaceContent>): Promise<void> {
    this.ownRecord.say({ ...this.ownRecord.said, ...place });
    await this.ownRecord.current();
    this.isStarted = true;
    this.work(this.acquaintance.run());
    this.work(this.renew());
    for (const peer of this.options.links.linked()) this.onLinked(peer);
  }

  /** Stops the timers, and waits for work under way. It leaves the links open: the caller opened them. */
  async stop(): Promise<void> {
    this.stopping.abort('stopped');
    this.relays.end();
    await Promise.all(this.working);
  }

  /** This node can be dialled elsewhere from now on. */
  async moveTo(place: Partial<NodePlaceContent>): Promise<void> {
    this.ownRecord.say({ ...this.ownRecord.said, ...place });
    await this.renewOwnRecord();
  }

  /** This node's own record, renewed when that is needed. */
  record(): Promise<SignedNodeRecord> {
    return this.ownRecord.current();
  }

  /** Says that the agent is here, when no record does. To be called when it is made, unlocked or imported here. */
  announce(keys: AnnouncingKeys, options: AnnounceOptions = {}): Promise<Announcement> {
    return this.ownAgents.announce(keys, options);
  }

  /** The agent came online here: the peers that have called it in vain are told, and nobody waits for that. */
  tellOfReturn(agent: AgentPubKey): void {
    this.work(this.returns.tell(agent));
  }

  /** The agent is on no node any more. @returns null when its record names another node */
  withdraw(keys: AnnouncingKeys): Promise<SignedAgentRecord | null> {
    return this.ownAgents.withdraw(keys);
  }

  /**
   * The card of an agent of this node, or of a contact.
   * @returns undefined when a record is missing, or says that the agent has left
   * @throws RecordsFullError
   */
  async cardOf(agent: AgentPubKey): Promise<ContactCard | undefined> {
    const record = await this.agentRecord(agent);
    if (record === undefined || record.content.tombstone) return undefined;
    const node = await this.nodeRecord(record.content.node);
    return node && { agent: record, node };
  }

  /** An agent of this node has it from another person: both records stay until it releases them. */
  async take(holder: AgentPubKey, card: ContactCard): Promise<CardOutcome> {
    const { agent, node } = card;
    const { agents, cards } = this.options.stores;
    const before = (await agents.find(agent.content.agent))?.record;
    const taken = await cards.take(holder, card);
    if (typeof taken === 'string') return taken;
    if (taken.node === 'stored') this.noteNode(node.content.node, null);
    if (taken.agent === 'stored') this.noteAgent(agent.content.agent, before);
    return taken;
  }

  /** Nodes that this one knows, in the order of their keys. @param after the last one of the page before */
  async peers(after: NodeKey | null = null, limit = PAGE): Promise<readonly PeerState[]> {
    const { identity, stores } = this.options;
    const listed = await stores.peers.list(after, limit + 1);
    const others = listed.filter(({ record }) => record.content.node !== identity.key);
    return others.slice(0, limit).map((stored) => this.states.stateOf(stored));
  }

  /** As `PeerService`, for the links. */
  async statementOf(agent: AgentPubKey): Promise<Uint8Array | null> {
    const record = await this.agentRecord(agent);
    if (record === undefined || !this.ownAgents.isHere(record)) return null;
    return encodeStatement({ agent: record, node: await this.ownRecord.current() });
  }

  introduce(introduced: Introduced): Introduction {
    return this.introductions.read(introduced);
  }

  answer(question: Question): Promise<RemoteCallOutcome> {
    if (question.topic === RELAY_TOPIC) return Promise.resolve(this.relays.answer());
    if (question.topic === BACK_TOPIC) return this.returns.answer(question);
    return isOfMoves(question) ? this.moves.answer(question) : this.gossip.answer(question);
  }

  onLinked(peer: NodeKey): void {
    this.states.noteLinked(peer);
    this.options.onHeard?.(peer);
    if (!this.isStarted || this.stopping.signal.aborted) return;
    this.work(this.gossip.with(peer));
    if (this.options.links.linked().length === 1) this.work(this.acquaintance.greet());
  }

  onUnlinked(peer: NodeKey): void {
    this.gossip.end(peer);
    this.returns.forget(peer);
    if (this.options.links.linked().length === 0) this.acquaintance.noteAlone();
  }

  onAbsent(peer: NodeKey, callee: AgentPubKey): void {
    this.returns.noteVainCall(peer, callee);
  }

  onUnreachable(peer: NodeKey): void {
    this.states.noteUnreachable(peer);
  }

  /** Signed anew when that is due and the agent is unlocked here. */
  private async agentRecord(agent: AgentPubKey): Promise<SignedAgentRecord | undefined> {
    const { signer, stores } = this.options;
    try {
      const sign = (bytes: Uint8Array): Uint8Array => signer.sign(agent, bytes);
      return (await this.ownAgents.announce({ agent, sign })).record;
    } catch (error) {
      // It is locked, or no agent of this node.
      if (!(error instanceof AgentOfflineError)) throw error;
      return (await stores.agents.find(agent))?.record;
    }
  }

  private async nodeRecord(node: NodeKey): Promise<SignedNodeRecord | undefined> {
    const { identity, stores } = this.options;
    return node === identity.key ? this.ownRecord.current() : (await stores.peers.find(node))?.record;
  }

  private exchange(): RecordExchange {
    const { log, stores } = this.options;
    return new RecordExchange({
      store: stores.peers,
      onFork: ({ content }) => {
        log.warn('record-forked');
        // Signed by a copy of this node, such as one from a backup: a higher seq ends it.
        if (content.node === this.options.identity.key) this.work(this.renewOwnRecord());
      },
      onNews: ({ content }, toldBy) => {
        this.noteNode(content.node, toldBy);
      },
    });
  }

  private noteNode(node: NodeKey, toldBy: NodeKey | null): void {
    this.gossip.spread(node, toldBy);
    // A peer knows a later record of this node than this node does: it was restored from a backup.
    if (node === this.options.identity.key) this.work(this.renewOwnRecord());
    else this.options.onHeard?.(node);
  }

  private noteAgent(agent: AgentPubKey, before: SignedAgentRecord | undefined): void {
    const { links, onMoved, onRecord, stores } = this.options;
    links.reconsider(agent);
    onRecord?.(agent);
    if (before === undefined || !this.ownAgents.isHere(before)) return;
    this.work(
      stores.agents.find(agent).then((stored) => {
        if (stored !== undefined && !this.ownAgents.isHere(stored.record))
          onMoved?.(agent, stored.record.content.node);
      }),
    );
  }

  private async renew(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.stopping;
    for (;;) {
      await clock.sleep(RENEWAL_MS, signal);
      if (signal.aborted) return;
      await this.renewOwnRecord().catch(() => {
        this.options.log.warn('own-node-record-not-renewed');
      });
    }
  }

  private async renewOwnRecord(): Promise<void> {
    const { identity, stores } = this.options;
    const before = await stores.peers.find(identity.key);
    const { content } = await this.ownRecord.current();
    if (before?.record.content.seq !== content.seq) this.gossip.spread(identity.key, null);
  }

  /** Ends with the node, and never fails: what it did is tried again later. */
  private work(work: Promise<void>): void {
    const ended = work
      .catch(() => {
        this.options.log.warn('membership-failed');
      })
      .finally(() => this.working.delete(ended));
    this.working.add(ended);
  }
}
