import { type Clock, type Day, type Timestamp } from '@musubi/messaging';
import { type NodeKey, type NodeLinks } from '@musubi/network/nodes';
import { type NodeRecord } from '../record/node-record.js';
import { isPresent } from '../record/rules.js';
import { type StoredRecord } from '../store/record-store.js';

/** What this node knows of another one. */
export interface PeerState {
  readonly node: NodeKey;
  readonly addresses: readonly string[];
  readonly relays: NodeRecord['relays'];
  /** `failing`: the last dial found nobody. `known`: nothing was tried since the last contact. */
  readonly state: 'linked' | 'failing' | 'known';
  /** Of the first dial that found nobody; null unless the state is `failing`. */
  readonly failingSince: Timestamp | null;
  /** The lease of its record runs: a hint. */
  readonly isPresent: boolean;
  /** The day of the last link, by this node's clock. */
  readonly contactDay: Day | null;
  /** This node's owner has its record by a card. */
  readonly isPinned: boolean;
}

/** Peers whose failing is dated. */
const MOST_FAILING = 10_000;

/** Dates what `NodeLinks` does not: since when a peer cannot be reached. */
export class PeerStates {
  private readonly failing = new Map<NodeKey, Timestamp>();

  constructor(
    private readonly links: Pick<NodeLinks, 'isLinked' | 'isFailing'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  noteUnreachable(node: NodeKey): void {
    if (!this.failing.has(node) && this.failing.size < MOST_FAILING) this.failing.set(node, this.clock.now());
  }

  noteLinked(node: NodeKey): void {
    this.failing.delete(node);
  }

  stateOf({ contactDay, isPinned, record }: StoredRecord<NodeRecord>): PeerState {
    const { addresses, node, relays } = record.content;
    const state = this.links.isLinked(node) ? 'linked' : this.links.isFailing(node) ? 'failing' : 'known';
    const failingSince = state === 'failing' ? (this.failing.get(node) ?? null) : null;
    const isHere = isPresent(record.content, this.clock.now());
    return { node, addresses, relays, state, failingSince, isPresent: isHere, contactDay, isPinned };
  }
}
