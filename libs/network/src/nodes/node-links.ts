import { setMaxListeners } from 'node:events';
import { type AgentPubKey, type Clock, type Log } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { Admission, type AdmissionLimits } from './admission.js';
import { type AgentSigner } from './agent-proofs.js';
import { Allowance, Allowances } from './allowance.js';
import { type Carrier, type Listening } from './carrier.js';
import { type DialAll, makeDialAll } from './dialling.js';
import { InFlight, type InFlightLimits } from './in-flight.js';
import { type ServeCall } from './incoming-calls.js';
import { Link } from './link.js';
import { type NodeKey } from './node-key.js';
import { DIAL_MS, Peer } from './peer.js';
import { NO_SERVICE, type PeerService } from './peer-service.js';
import { type RefusalReason, Refusals } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';
import { type NodePlace } from './whereabouts.js';

export interface LinkLimits extends AdmissionLimits {
  /** Calls without an answer, a peer and direction. */
  readonly inFlight: InFlightLimits;
  /** What a peer may send. Above it this node reads more slowly. */
  readonly bytesPerSecond: number;
  /** What a peer may ask the node itself. */
  readonly questionsPerMinute: number;
  /** Nodes that are remembered, those among them that failed: anybody can make as many keys as they like. */
  readonly peers: number;
}

export const LINK_LIMITS: LinkLimits = {
  connections: 4096,
  connectionsPerAddress: 64,
  dialsPerMinute: 600,
  inFlight: { calls: 64, bytes: 4 * 1024 * 1024 },
  bytesPerSecond: 64 * 1024 * 1024,
  questionsPerMinute: 600,
  // Twice as many as links from others.
  peers: 8192,
};

interface NodeLinksOptions {
  readonly self: NodeKey;
  readonly carriers: readonly Carrier[];
  readonly clock: Pick<Clock, 'sleep'>;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly signer: AgentSigner;
  /** Answers the calls of other nodes' agents, who are who they say. */
  readonly serve: ServeCall;
  readonly log: Log;
  /** How long a caller waits for the reply before the outcome is `unknown`. */
  readonly callTimeoutMs: number;
  readonly limits?: LinkLimits;
  /** Which nodes may link to this one; all by default. */
  readonly admits?: (node: NodeKey) => boolean;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** The links of one node to all others: at most one that is used for each. */
export class NodeLinks {
  readonly refusals: Refusals;
  private readonly peers = new Map<NodeKey, Peer>();
  private readonly closing = new AbortController();
  private readonly admission: Admission;
  private readonly dialAll: DialAll;
  private readonly limits: LinkLimits;
  private isClosing = false;
  private listening: readonly Listening[] = [];
  private service: PeerService = NO_SERVICE;

  constructor(private readonly options: NodeLinksOptions) {
    const { carriers, clock, limits = LINK_LIMITS } = options;
    const { signal } = this.closing;
    // Each timer listens to it.
    setMaxListeners(0, signal);
    this.limits = limits;
    this.refusals = new Refusals(this.reporter());
    this.admission = new Admission({ clock, limits, refusals: this.refusals, signal });
    const { admission, refusals } = this;
    this.dialAll = makeDialAll({ admission, carriers, clock, refusals, timeoutMs: DIAL_MS });
  }

  /** Before `open`, and before the first call. */
  attach(service: PeerService): void {
    this.service = service;
  }

  /** Takes connections of others. @returns the addresses at which it can be dialled */
  async open(): Promise<readonly string[]> {
    const accept = (channel: SecureChannel): void => {
      this.accept(channel);
    };
    const opened = await Promise.all(
      this.options.carriers.map((carrier) => carrier.listen(this.admission, accept)),
    );
    this.listening = opened.filter((listening) => listening !== null);
    return this.listening.map(({ address }) => address).filter((address) => address !== null);
  }

  /** Never rejects. */
  call(place: NodePlace, call: RemoteCall): Promise<RemoteCallOutcome> {
    if (this.isClosing) return Promise.resolve({ kind: 'not-sent', detail: 'this node is stopping' });
    return this.peerOf(place.node).call(call, place);
  }

  /** A question of this node to another, over a link that there is. Never rejects. */
  async ask(node: NodeKey, topic: string, payload: Uint8Array): Promise<RemoteCallOutcome> {
    return this.peers.get(node)?.ask(topic, payload) ?? { kind: 'not-sent', detail: 'there is no link' };
  }

  /**
   * Links to a node, unless there is a link already.
   * @param options.isUrgent dials although the last dial has just failed
   * @returns whether there is a link
   */
  async reach({ addresses, node }: NodePlace, { isUrgent = false } = {}): Promise<boolean> {
    if (this.isClosing || node === this.options.self) return false;
    return this.peerOf(node).reachNow(addresses, isUrgent);
  }

  /** Links to whatever node answers at the address. @returns its key, also when it is this node's; null when none does */
  async discover(address: string): Promise<NodeKey | null> {
    if (this.isClosing) return null;
    const channel = await this.dialAll({ node: null, addresses: [address] }, this.closing.signal);
    if (channel === null) return null;
    const { peer } = channel;
    if (peer === this.options.self || !this.isWelcome(channel)) channel.destroy();
    else await this.peerOf(peer).accept(channel);
    return peer === this.options.self || this.isLinked(peer) ? peer : null;
  }

  /** This node's network is back: no dial waits any more for the end of a pause. */
  forgive(): void {
    for (const peer of this.peers.values()) peer.forgive();
  }

  /** Another record of an agent has come: calls of the agent are judged anew on every link. */
  reconsider(agent: AgentPubKey): void {
    for (const peer of this.peers.values()) peer.reconsider(agent);
  }

  /** The peer has broken the rules of something that runs over its links: they are closed. */
  cutOff(node: NodeKey, reason: RefusalReason): void {
    const peer = this.peers.get(node);
    if (peer === undefined) return;
    this.refusals.note(reason);
    peer.close();
  }

  linked(): readonly NodeKey[] {
    return [...this.peers].filter(([, peer]) => peer.isLinked).map(([node]) => node);
  }

  /** Nodes whose last dial has failed, and from which nothing was heard since. */
  failing(): readonly NodeKey[] {
    return [...this.peers].filter(([, peer]) => !peer.isLinked && peer.isFailing).map(([node]) => node);
  }

  /** The last dial to the node has failed, and nothing was heard from it since. */
  isFailing(node: NodeKey): boolean {
    return this.peers.get(node)?.isFailing === true;
  }

  isLinked(node: NodeKey): boolean {
    return this.peers.get(node)?.isLinked === true;
  }

  /** Whether this node has dialled, for each link to the other one on which calls can begin. */
  openLinksTo(node: NodeKey): readonly { readonly isDialler: boolean }[] {
    return this.peers.get(node)?.openLinks() ?? [];
  }

  /**
   * Lets calls end that are under way. Then it closes whatever is left.
   * @param withinMs as long as a call may take, when absent
   */
  async close(withinMs = this.options.callTimeoutMs): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    for (const listening of this.listening) listening.close();
    const peers = [...this.peers.values()];
    for (const peer of peers) peer.retire();
    const ended = new AbortController();
    const late = this.options.clock.sleep(withinMs, ended.signal);
    await Promise.race([Promise.all(peers.map((peer) => peer.whenClosed())), late]);
    ended.abort('ended');
    this.closing.abort();
    for (const peer of this.peers.values()) peer.close();
  }

  private accept(channel: SecureChannel): void {
    if (this.isWelcome(channel)) void this.peerOf(channel.peer).accept(channel);
    else channel.destroy();
  }

  private isWelcome({ peer }: SecureChannel): boolean {
    const { admits = () => true, self } = this.options;
    if (this.isClosing || !this.admission.mayLink(peer)) return false;
    const isAdmitted = peer !== self && admits(peer);
    if (!isAdmitted) this.refusals.note('wrong-node');
    return isAdmitted;
  }

  private peerOf(node: NodeKey): Peer {
    const known = this.peers.get(node);
    if (known !== undefined) return known;
    if (this.peers.size >= this.limits.peers) this.forgetOne();
    const { clock, random, self } = this.options;
    const peer = new Peer({
      self,
      node,
      clock,
      random,
      dialAll: this.dialAll,
      makeLink: this.linkMaker(),
      service: this.service,
      onForgettable: () => {
        if (this.peers.get(node) === peer) this.peers.delete(node);
      },
      signal: this.closing.signal,
    });
    this.peers.set(node, peer);
    return peer;
  }

  /** The one that has failed for longest. */
  private forgetOne(): void {
    for (const [node, peer] of this.peers) {
      if (!peer.isIdle) continue;
      this.peers.delete(node);
      return;
    }
  }

  /** All links of a peer share what it may use. */
  private linkMaker(): (channel: SecureChannel) => Link {
    const { callTimeoutMs, clock, self, serve, signer } = this.options;
    const { limits, refusals } = this;
    const [incoming, outgoing] = [new InFlight(limits.inFlight), new InFlight(limits.inFlight)];
    const renew = (): Promise<void> => clock.sleep(SECOND_MS, this.closing.signal);
    const allowance = new Allowance(limits.bytesPerSecond, renew);
    const renewQuestions = (): Promise<void> => clock.sleep(MINUTE_MS, this.closing.signal);
    const questions = new Allowance(limits.questionsPerMinute, renewQuestions);
    const ofPeer = { incoming, outgoing, allowance, questions };
    const ofNode = { self, clock, signer, serve, refusals, callTimeoutMs, service: this.service };
    return (channel) => new Link({ channel, ...ofNode, ...ofPeer });
  }

  /** One line a minute for each reason: strangers must not fill the log. */
  private reporter(): (reason: RefusalReason) => void {
    const { clock, log } = this.options;
    const { signal } = this.closing;
    const lines = new Allowances({ clock, limit: 1, windowMs: MINUTE_MS, maxNames: MAX_REASONS, signal });
    return (reason) => {
      if (lines.take(reason)) log.warn('link-refused', { reason });
    };
  }
}

/** More than there are. */
const MAX_REASONS = 100;
