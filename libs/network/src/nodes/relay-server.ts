import { setMaxListeners } from 'node:events';
import { type TLSSocket } from 'node:tls';
import { type Clock } from '@musubi/messaging';
import { KEEP_ALIVE_MS } from './keep-alive.js';
import { type NodeKey } from './node-key.js';
import { HANDSHAKE_MS, abandon } from './node-tls.js';
import { join } from './relay-joint.js';
import { RelayOffer } from './relay-offer.js';
import { SIGNALS, pingAllowance, readRequest } from './relay-protocol.js';

export interface RelayLimits {
  /** Connections that wait to be called: of all nodes, and of one. */
  readonly offers: number;
  readonly offersPerNode: number;
  /** Joined connections: of all nodes, and by who calls or is called. */
  readonly joints: number;
  readonly jointsPerNode: number;
  /** Bytes that one joint passes on, both ways together. A node that needs more dials again. */
  readonly bytesPerJoint: number;
  readonly msPerJoint: number;
}

export const RELAY_LIMITS: RelayLimits = {
  offers: 1024,
  offersPerNode: 4,
  joints: 512,
  jointsPerNode: 32,
  bytesPerJoint: 1024 * 1024 * 1024,
  msPerJoint: 6 * 3_600_000,
};

interface RelayServerOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limits?: RelayLimits;
}

/** An offer is dead after two pings that did not come, as a link is. */
const SILENT_MS = 3 * KEEP_ALIVE_MS;
/** How long a caller waits for the next offer: within the time of its dial. */
const OFFER_MS = 1000;

/** Joins nodes that nobody can dial with those that call them. It sees the bytes of their TLS, and who talks to whom. */
export class RelayServer {
  private readonly offers = new Map<NodeKey, Set<RelayOffer>>();
  private readonly joints = new Map<NodeKey, number>();
  /** Who waits for a node to offer itself again. */
  private readonly callers = new Map<NodeKey, readonly (() => void)[]>();
  private readonly closing = new AbortController();
  private readonly limits: RelayLimits;
  private joined = 0;

  constructor(private readonly options: RelayServerOptions) {
    this.limits = options.limits ?? RELAY_LIMITS;
    setMaxListeners(0, this.closing.signal);
  }

  /** How many wait, and how many are joined. */
  get load(): { readonly offers: number; readonly joints: number } {
    const offers = [...this.offers.values()].reduce((sum, { size }) => sum + size, 0);
    return { offers, joints: this.joined };
  }

  /** Takes a connection of a client that has shown its key. Never rejects. */
  async serve(socket: TLSSocket, client: NodeKey): Promise<void> {
    socket.on('error', () => undefined);
    try {
      const request = await this.inTime(HANDSHAKE_MS, (signal) => readRequest(socket, signal));
      if (request.kind === 'offer') await this.hold(socket, client);
      else await this.connect(socket, client, request.node);
    } catch {
      abandon(socket);
    }
  }

  close(): void {
    this.closing.abort('closed');
  }

  private async hold(socket: TLSSocket, client: NodeKey): Promise<void> {
    const { limits, load } = this;
    const mine = this.offers.get(client) ?? new Set();
    if (load.offers >= limits.offers || mine.size >= limits.offersPerNode) {
      this.refuse(socket);
      return;
    }
    const offer = new RelayOffer(socket, pingAllowance(this.options.clock, this.closing.signal));
    this.offers.set(client, mine.add(offer));
    this.callers.get(client)?.at(0)?.();
    try {
      await offer.wait((work) => this.inTime(SILENT_MS, work));
    } finally {
      this.drop(client, offer);
    }
  }

  private async connect(socket: TLSSocket, caller: NodeKey, callee: NodeKey): Promise<void> {
    const offer = this.hasRoomFor(caller, callee) ? await this.offerOf(callee) : undefined;
    if (offer === undefined) {
      this.refuse(socket);
      return;
    }
    this.count([caller, callee], 1);
    try {
      await this.inTime(HANDSHAKE_MS, (signal) => offer.claim(signal));
      socket.write(Uint8Array.of(SIGNALS.go));
      const { bytesPerJoint, msPerJoint } = this.limits;
      const late = (signal: AbortSignal): Promise<void> => this.options.clock.sleep(msPerJoint, signal);
      await join([socket, offer.socket], { maxBytes: bytesPerJoint, late, signal: this.closing.signal });
    } finally {
      abandon(offer.socket);
      abandon(socket);
      this.count([caller, callee], -1);
    }
  }

  /** The latest one is the likeliest to be alive. A node that was just called by others is about to offer again. */
  private async offerOf(callee: NodeKey): Promise<RelayOffer | undefined> {
    if (!this.offers.has(callee) && this.joints.has(callee)) await this.nextOfferOf(callee);
    const offer = [...(this.offers.get(callee) ?? [])].at(-1);
    if (offer !== undefined) this.drop(callee, offer);
    return offer;
  }

  private async nextOfferOf(callee: NodeKey): Promise<void> {
    const callers = this.callers.get(callee) ?? [];
    if (callers.length >= this.limits.jointsPerNode) return;
    let wake = (): void => undefined;
    const offered = new Promise<void>((resolve) => (wake = resolve));
    this.callers.set(callee, [...callers, wake]);
    try {
      await this.inTime(OFFER_MS, () => offered);
    } catch {
      // Nobody came: the caller is refused.
    } finally {
      const others = (this.callers.get(callee) ?? []).filter((other) => other !== wake);
      if (others.length > 0) this.callers.set(callee, others);
      else this.callers.delete(callee);
    }
  }

  private hasRoomFor(...nodes: readonly NodeKey[]): boolean {
    const { joints, jointsPerNode } = this.limits;
    return this.joined < joints && nodes.every((node) => (this.joints.get(node) ?? 0) < jointsPerNode);
  }

  private count(nodes: readonly NodeKey[], change: 1 | -1): void {
    this.joined += change;
    for (const node of nodes) {
      const count = (this.joints.get(node) ?? 0) + change;
      if (count > 0) this.joints.set(node, count);
      else this.joints.delete(node);
    }
  }

  private drop(client: NodeKey, offer: RelayOffer): void {
    const mine = this.offers.get(client);
    mine?.delete(offer);
    if (mine?.size === 0) this.offers.delete(client);
  }

  private refuse(socket: TLSSocket): void {
    socket.end(Uint8Array.of(SIGNALS.no));
    void this.inTime(HANDSHAKE_MS, () => new Promise<void>((resolve) => socket.once('close', resolve))).catch(
      () => {
        abandon(socket);
      },
    );
  }

  /** @throws Error when the work takes longer, or the relay closes */
  private async inTime<Value>(ms: number, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const ended = new AbortController();
    const late = new AbortController();
    void this.options.clock.sleep(ms, AbortSignal.any([ended.signal, this.closing.signal])).then(() => {
      late.abort(new Error('too late'));
    });
    const aborted = new Promise<never>((_resolve, reject) => {
      late.signal.addEventListener('abort', () => {
        reject(new Error('too late'));
      });
    });
    aborted.catch(() => undefined);
    try {
      return await Promise.race([work(late.signal), aborted]);
    } finally {
      ended.abort('ended');
    }
  }
}
