import { type Clock, type Log } from '@musubi/messaging';
import { type NodeIdentity } from '@musubi/network/nodes';
import { type NodeRecord, type SignedNodeRecord, nodeRecords } from '../record/node-record.js';
import { nextSeq } from '../record/rules.js';
import { type PeerStore, type StoredRecord } from '../store/record-store.js';
import { isDue, leaseFrom } from './lease.js';

/** What a node says of itself, besides when. */
export type NodePlaceContent = Pick<NodeRecord, 'addresses' | 'relays' | 'arc'>;

interface OwnNodeRecordParts {
  readonly identity: Pick<NodeIdentity, 'key' | 'sign'>;
  readonly store: PeerStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Renewed after half of it. Each renewal goes to every node. */
export const NODE_LEASE_US = 6 * 3_600_000_000;

/** This node's own record: right, signed, with a lease that runs. */
export class OwnNodeRecord {
  private place: NodePlaceContent = { addresses: [], relays: [], arc: 'full' };
  private latest: Promise<SignedNodeRecord> | undefined;

  constructor(private readonly parts: OwnNodeRecordParts) {}

  say(place: NodePlaceContent): void {
    this.place = place;
  }

  get said(): NodePlaceContent {
    return this.place;
  }

  /** Signs a new one when the stored one is wrong, forked or near its end. One at a time. */
  current(): Promise<SignedNodeRecord> {
    const made = (this.latest ?? Promise.resolve()).then(
      () => this.ensure(),
      () => this.ensure(),
    );
    this.latest = made;
    return made;
  }

  private async ensure(): Promise<SignedNodeRecord> {
    const { clock, identity, log, store } = this.parts;
    const known = await store.find(identity.key);
    const now = clock.now();
    if (known !== undefined && this.isRight(known) && !isDue(known.record.content, now)) return known.record;
    // After a restored backup this is one more than what peers have told of this node.
    const seq = nextSeq(known === undefined ? [] : [known.record.content.seq]);
    const content = { node: identity.key, ...this.place, seq, ...leaseFrom(now, NODE_LEASE_US) };
    const record = nodeRecords.sign(content, identity);
    const outcome = await store.put(record, null);
    if (outcome !== 'stored') log.warn('own-node-record-not-stored', { outcome });
    return record;
  }

  private isRight({ fork, isPinned, record }: StoredRecord<NodeRecord>): boolean {
    const { addresses, arc, relays } = record.content;
    return fork === null && isPinned && samePlace({ addresses, arc, relays }, this.place);
  }
}

function samePlace(a: NodePlaceContent, b: NodePlaceContent): boolean {
  return a.arc === b.arc && sameText(a.addresses, b.addresses) && sameText(a.relays, b.relays);
}

function sameText(a: readonly unknown[], b: readonly unknown[]): boolean {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left === right;
}
