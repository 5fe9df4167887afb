import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type Clock } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { Backoff } from './backoff.js';
import { type DialAll } from './dialling.js';
import { type Link } from './link.js';
import { type NodeKey } from './node-key.js';
import { type PeerService } from './peer-service.js';
import { type SecureChannel } from './secure-channel.js';
import { type NodePlace } from './whereabouts.js';

interface PeerParts {
  readonly self: NodeKey;
  readonly node: NodeKey;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly dialAll: DialAll;
  readonly makeLink: (channel: SecureChannel) => Link;
  readonly service: Pick<PeerService, 'onLinked' | 'onUnlinked' | 'onUnreachable'>;
  /** Nothing is left to remember of this peer. */
  readonly onForgettable: () => void;
  readonly signal: AbortSignal;
}

/** How long another node has to connect and to accept. */
export const DIAL_MS = 2000;
/** Two links that opened within this time were dialled at once: neither side knew of the other's dial. */
const SIMULTANEOUS_MS = 2 * DIAL_MS;
/** Links of one node that may be there while it gives some up. */
const MAX_LINKS = 4;

/** Calls that may wait for a link, as many as may be in flight. */
const MAX_WAITING = 64;

/** Another node: the link to it, and when it may be dialled. */
export class Peer {
  private current: Link | undefined;
  private readonly links = new Set<Link>();
  private readonly young = new Set<Link>();
  private readonly backoff: Backoff;
  private failedAddresses = '';
  private isDialling = false;
  /** Calls that wait for a link. */
  private readonly waiting: (() => void)[] = [];
  private stopDialling = new AbortController();

  constructor(private readonly parts: PeerParts) {
    this.backoff = new Backoff(parts);
  }

  get isLinked(): boolean {
    return this.current?.isOpen === true;
  }

  /** Nothing is under way with it. */
  get isIdle(): boolean {
    return this.links.size === 0 && !this.isDialling;
  }

  openLinks(): readonly Link[] {
    return [...this.links].filter(({ isOpen }) => isOpen);
  }

  async call(call: RemoteCall, { addresses }: NodePlace): Promise<RemoteCallOutcome> {
    if (!this.isLinked && this.waiting.length >= MAX_WAITING)
      return { kind: 'refused', code: 'busy', retryable: true };
    if (!this.isLinked) await this.reach(addresses);
    const link = this.current;
    const outcome = await this.callOnCurrent(call);
    // The link was given up for another one before the call began.
    const isLost = outcome.kind === 'not-sent' && this.isLinked && this.current !== link;
    return isLost ? this.callOnCurrent(call) : outcome;
  }

  /** Only over a link that there is. */
  async ask(topic: string, payload: Uint8Array): Promise<RemoteCallOutcome> {
    return this.current?.ask(topic, payload) ?? { kind: 'not-sent', detail: 'there is no link' };
  }

  /** @param isUrgent does not wait for the end of a pause. @returns whether there is a link */
  async reachNow(addresses: readonly string[], isUrgent: boolean): Promise<boolean> {
    if (isUrgent) this.backoff.endPause();
    if (!this.isLinked && this.waiting.length < MAX_WAITING) await this.reach(addresses);
    return this.isLinked;
  }

  get isFailing(): boolean {
    return this.backoff.hasFailed;
  }

  /** The network of this node is back: nothing is held against the peer. */
  forgive(): void {
    this.backoff.endPause();
  }

  reconsider(agent: AgentPubKey): void {
    for (const link of this.links) link.reconsider(agent);
  }

  /** A channel that the peer has dialled. */
  async accept(channel: SecureChannel): Promise<void> {
    const link = this.begin(channel);
    if (!(await this.isAccepted(link))) return;
    // Contact from the other side is better news than a dial of one's own.
    this.stopDialling.abort();
    this.adopt(link);
  }

  retire(): void {
    for (const link of this.links) link.retire();
  }

  close(): void {
    for (const link of this.links) link.close();
  }

  async whenClosed(): Promise<void> {
    await Promise.all([...this.links].map((link) => link.whenClosed));
  }

  private async callOnCurrent(call: RemoteCall): Promise<RemoteCallOutcome> {
    const detail = 'the node of the callee cannot be reached';
    return this.current?.call(call) ?? { kind: 'not-sent', detail };
  }

  /** Resolves when there is a link, dialled by either side, or the dial has failed. */
  private async reach(addresses: readonly string[]): Promise<void> {
    // New addresses have not failed yet.
    if (this.backoff.isPausing && this.failedAddresses === keyOf(addresses)) return;
    const reached = new Promise<void>((resolve) => this.waiting.push(resolve));
    if (!this.isDialling) void this.dial(addresses);
    await reached;
  }

  private async dial(addresses: readonly string[]): Promise<void> {
    this.isDialling = true;
    this.stopDialling = new AbortController();
    const channel = await this.parts.dialAll({ node: this.parts.node, addresses }, this.stopDialling.signal);
    // Once it is accepted on this side, the other one may count on it: it is not given up for a link that came meanwhile.
    const link = channel === null ? undefined : this.begin(channel);
    if (link !== undefined && (await this.isAccepted(link))) this.adopt(link);
    if (!this.isLinked) {
      this.failedAddresses = keyOf(addresses);
      this.backoff.noteFailure();
      this.parts.service.onUnreachable(this.parts.node);
    }
    this.isDialling = false;
    this.release();
    this.forgetWhenIdle();
  }

  private release(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  private begin(channel: SecureChannel): Link {
    const link = this.parts.makeLink(channel);
    this.links.add(link);
    const [eldest] = this.links;
    if (this.links.size > MAX_LINKS) eldest?.close();
    void link.whenClosed.then(() => {
      this.links.delete(link);
      if (this.current === link) this.unlink();
      this.forgetWhenIdle();
    });
    link.start();
    return link;
  }

  private async isAccepted(link: Link): Promise<boolean> {
    const { clock } = this.parts;
    const ended = new AbortController();
    void clock.sleep(DIAL_MS, ended.signal).then(() => {
      if (!ended.signal.aborted) link.close();
    });
    const isOpen = await link.whenOpen;
    ended.abort('ended');
    return isOpen;
  }

  /** Of two links that were dialled at once, the one that the lower node key dialled stays, on both sides. */
  private adopt(link: Link): void {
    this.backoff.reset();
    const other = this.isLinked ? this.current : undefined;
    const isNews = other === undefined || this.isSuccessor(other, link);
    this.current = isNews || this.isDialledByLower(link) ? link : other;
    if (other !== undefined) (this.current === link ? other : link).retire();
    this.release();
    if (isNews) this.parts.service.onLinked(this.parts.node);
    this.young.add(link);
    const { clock, signal } = this.parts;
    void clock.sleep(SIMULTANEOUS_MS, signal).then(() => this.young.delete(link));
  }

  /** Who dials a second time later than that has lost the first link: the new one stays. */
  private isSuccessor(other: Link, link: Link): boolean {
    return !this.young.has(other) || other.isDialler === link.isDialler;
  }

  private unlink(): void {
    this.current = undefined;
    this.parts.service.onUnlinked(this.parts.node);
  }

  private isDialledByLower({ isDialler }: Link): boolean {
    const { node, self } = this.parts;
    const isSelfLower = Buffer.compare(fromBase64Url(self), fromBase64Url(node)) < 0;
    return isDialler === isSelfLower;
  }

  private forgetWhenIdle(): void {
    if (!this.isIdle || this.backoff.hasFailed) return;
    this.parts.onForgettable();
  }
}

function keyOf(addresses: readonly string[]): string {
  return addresses.join(' ');
}
