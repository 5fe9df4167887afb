import { fromBase64Url } from '@musubi/crypto';
import { type NodeKey } from '@musubi/network/nodes';
import { z } from 'zod';
import { hasLease, nodeKeyItem, seqItem, timeItem } from './items.js';
import { type Dated, RecordKind, type SignedRecord } from './signed-record.js';

export const MAX_ADDRESSES = 8;
const MAX_RELAYS = 4;
/** In characters, all of them ASCII. */
export const MAX_ADDRESS_LENGTH = 128;

const ARCS = ['full', 'nearest'] as const;
/** What part of the ring a node holds: all of it, or what is nearest to it. */
type Arc = (typeof ARCS)[number];

/** A public node that passes bytes on to one that nobody can dial. */
export interface Relay {
  readonly node: NodeKey;
  /** The relay's own address. */
  readonly address: string;
}

/** Where a node is, as it says itself. */
export interface NodeRecord extends Dated {
  readonly node: NodeKey;
  /** URLs by a carrier's scheme, `MAX_ADDRESSES` at most. None for a node that only dials. */
  readonly addresses: readonly string[];
  /** `MAX_RELAYS` at most. */
  readonly relays: readonly Relay[];
  readonly arc: Arc;
}

const PRINTABLE = /^[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]+$/;

/** A URL with a host that `URL` reads, and without a user's name or password. */
function isAddress(text: string): boolean {
  if (!PRINTABLE.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== '' && username === '' && password === '';
}

function areDistinct(list: readonly string[]): boolean {
  return new Set(list).size === list.length;
}

const addressItem = z.string().max(MAX_ADDRESS_LENGTH).refine(isAddress, 'not an address');
const relayItem = z.tuple([nodeKeyItem, addressItem]).transform(([node, address]) => ({ node, address }));

const schema: z.ZodType<NodeRecord> = z
  .tuple([
    nodeKeyItem,
    z.array(addressItem).max(MAX_ADDRESSES).refine(areDistinct),
    z
      .array(relayItem)
      .max(MAX_RELAYS)
      .refine((relays) => areDistinct(relays.map((relay) => relay.node))),
    z.enum(ARCS),
    seqItem,
    timeItem,
    timeItem,
  ])
  .transform(([node, addresses, relays, arc, seq, issued, expires]) => ({
    node,
    addresses,
    relays,
    arc,
    seq,
    issued,
    expires,
  }))
  .refine(hasLease);

export type SignedNodeRecord = SignedRecord<NodeRecord>;

/** Signed with the node key. */
export const nodeRecords = new RecordKind<NodeRecord>({
  domain: 'musubi/node-record',
  schema,
  itemsOf: ({ node, addresses, relays, arc, seq, issued, expires }) => [
    fromBase64Url(node),
    addresses,
    relays.map((relay) => [fromBase64Url(relay.node), relay.address]),
    arc,
    seq,
    issued,
    expires,
  ],
  signerOf: ({ node }) => node,
});
