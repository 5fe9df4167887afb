import { type AgentPubKey } from '@musubi/messaging';
import { type NodePlace, type Whereabouts, relayAddress } from '@musubi/network/nodes';
import { type NodeRecord } from '../record/node-record.js';
import { type AgentRecordStore, type PeerStore } from './record-store.js';

/**
 * Where agents are, by the stored records. A record that has expired counts as well: it ends presence, and no address.
 */
export class StoredWhereabouts implements Whereabouts {
  constructor(private readonly stores: { readonly agents: AgentRecordStore; readonly peers: PeerStore }) {}

  async nodeOf(agent: AgentPubKey): Promise<NodePlace | undefined> {
    const found = await this.stores.agents.find(agent);
    if (found === undefined || found.record.content.tombstone) return undefined;
    const { node } = found.record.content;
    const peer = await this.stores.peers.find(node);
    // Without an address the node cannot be dialled; it may have dialled this one.
    return peer === undefined ? { node, addresses: [] } : placeOf(peer.record.content);
  }
}

/** Where a node can be dialled, as its record says: itself, or through its relays. */
export function placeOf({ addresses, node, relays }: NodeRecord): NodePlace {
  return { node, addresses: [...addresses, ...relays.map(relayAddress)] };
}
