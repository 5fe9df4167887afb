import { type RemoteCallOutcome } from '@musubi/network';
import { type NodeKey, type NodeLinks, type RelayCarrier, type RelayPresence } from '@musubi/network/nodes';
import { type Relay } from '../record/node-record.js';
import { type PeerStore } from '../store/record-store.js';

/** Asks a node whether it relays for this one. */
export const RELAY_TOPIC = 'relay/1';

export interface RelayingOptions {
  /** This node relays for others. */
  readonly isRelay?: boolean | undefined;
  /** Waits at relays for callers. Absent: this node does not need any. */
  readonly relayCarrier?: Pick<RelayCarrier, 'offerAt'> | undefined;
}

interface RelaysParts extends RelayingOptions {
  readonly links: Pick<NodeLinks, 'ask'>;
  readonly store: PeerStore;
  /** Whether others cannot dial this node. */
  readonly isHidden: () => boolean;
  /** The node is at these relays from now on. */
  readonly onChange: (relays: readonly Relay[]) => Promise<void>;
}

/** Where one relay fails, the other is still there. */
const WANTED_RELAYS = 2;

/** Finds relays among the peers of a node that nobody can dial, and waits there. */
export class Relays {
  private readonly used = new Map<NodeKey, { readonly relay: Relay; readonly presence: RelayPresence }>();

  constructor(private readonly parts: RelaysParts) {}

  answer(): RemoteCallOutcome {
    if (this.parts.isRelay === true) return { kind: 'ok', reply: new Uint8Array() };
    return { kind: 'refused', code: 'no-relay', retryable: false };
  }

  /** A linked peer may be a relay. */
  async consider(peer: NodeKey): Promise<void> {
    const { onChange, relayCarrier } = this.parts;
    const relay = this.isWanted() && !this.used.has(peer) ? await this.relayAt(peer) : null;
    if (relay === null || relayCarrier === undefined || !this.isWanted()) return;
    this.leaveFailing();
    this.used.set(peer, { relay, presence: relayCarrier.offerAt(relay) });
    await onChange([...this.used.values()].map((use) => use.relay));
  }

  end(): void {
    for (const { presence } of this.used.values()) presence.end();
    this.used.clear();
  }

  /** @returns null when the peer does not relay, or no address of it is known */
  private async relayAt(node: NodeKey): Promise<Relay | null> {
    const { links, store } = this.parts;
    const addresses = (await store.find(node))?.record.content.addresses ?? [];
    const address = addresses.find((one) => one.startsWith('tcp://'));
    if (address === undefined) return null;
    const { kind } = await links.ask(node, RELAY_TOPIC, new Uint8Array());
    return kind === 'ok' ? { node, address } : null;
  }

  private isWanted(): boolean {
    const { isHidden, relayCarrier } = this.parts;
    const working = [...this.used.values()].filter(({ presence }) => presence.isUp).length;
    return relayCarrier !== undefined && isHidden() && working < WANTED_RELAYS;
  }

  /** Only when there are others: one that fails now may be back. */
  private leaveFailing(): void {
    if (this.used.size < WANTED_RELAYS) return;
    for (const [node, { presence }] of this.used) {
      if (presence.isUp) continue;
      presence.end();
      this.used.delete(node);
    }
  }
}
