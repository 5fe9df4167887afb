import { setMaxListeners } from 'node:events';
import { type Clock, type Log } from '@musubi/messaging';
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
import { type RefusalReason, Refusals } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';
import { type NodePlace } from './whereabouts.js';

export interface LinkLimits extends AdmissionLimits {
  /** Calls without an answer, a peer and direction. */
  readonly inFlight: InFlightLimits;
  /** What a peer may send. Above it this node reads more slowly. */
  readonly bytesPerSecond: number;
}

export const LINK_LIMITS: LinkLimits = {
  connections: 4096,
  connectionsPerAddress: 64,
  dialsPerMinute: 600,
  inFlight: { calls: 64, bytes: 4 * 1024 * 1024 },
  bytesPerSecond: 64 * 1024 * 1024,
};

export interface NodeLinksOptions {
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

  /** Takes connections of others. @returns the addresses at which it can be dialled */
  async open(): Promise<readonly string[]> {
    const accept = (channel: SecureChannel): void => {
      this.accept(channel);
    };
    const opened = await Promise.all(
      this.options.carriers.map((carrier) => carrier.listen(this.admission, accept)),
    );
    this.listening = opened.filter((listening) => listening !== null);
    return this.listening.map(({ address }) => address);
  }

  /** Never rejects. */
  call(place: NodePlace, call: RemoteCall): Promise<RemoteCallOutcome> {
    if (this.isClosing) return Promise.resolve({ kind: 'not-sent', detail: 'this node is stopping' });
    return this.peerOf(place.node).call(call, place);
  }

  linked(): readonly NodeKey[] {
    return [...this.peers].filter(([, peer]) => peer.isLinked).map(([node]) => node);
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
    const { clock, random, self } = this.options;
    const peer = new Peer({
      self,
      node,
      clock,
      random,
      dialAll: this.dialAll,
      makeLink: this.linkMaker(),
      onForgettable: () => {
        if (this.peers.get(node) === peer) this.peers.delete(node);
      },
      signal: this.closing.signal,
    });
    this.peers.set(node, peer);
    return peer;
  }

  /** All links of a peer share what it may use. */
  private linkMaker(): (channel: SecureChannel) => Link {
    const { callTimeoutMs, clock, self, serve, signer } = this.options;
    const { limits, refusals } = this;
    const [incoming, outgoing] = [new InFlight(limits.inFlight), new InFlight(limits.inFlight)];
    const renew = (): Promise<void> => clock.sleep(SECOND_MS, this.closing.signal);
    const allowance = new Allowance(limits.bytesPerSecond, renew);
    const ofPeer = { incoming, outgoing, allowance };
    return (channel) => new Link({ self, channel, clock, signer, serve, refusals, callTimeoutMs, ...ofPeer });
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
