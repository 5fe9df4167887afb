import { type AgentPubKey, type Day } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';
import { type AgentRecord } from '../record/agent-record.js';
import { type NodeRecord } from '../record/node-record.js';
import { type SignedRecord } from '../record/signed-record.js';

export interface StoredRecord<Content> {
  readonly record: SignedRecord<Content>;
  /** It is this node's own, or an agent of this node has taken it by a card. Else a peer told it. */
  readonly isPinned: boolean;
  /** The day on which a link to the node was last up, by this node's clock; `null` when it never was. */
  readonly contactDay: Day | null;
  /** Another record with the same seq: the evidence that the signer's key signed both. */
  readonly fork: SignedRecord<Content> | null;
}

export type PutOutcome =
  /** It is new, or newer than the known one. */
  | 'stored'
  /** The same is there. */
  | 'known'
  /** A newer one is there. */
  | 'outdated'
  /** Another one with its seq is there, and stays. This one is kept beside it as evidence. */
  | 'forked'
  /** There is no room for it. */
  | 'full';

export interface StoreLimits {
  /** Half of them, and of the bytes, may be there by cards. */
  readonly maxRecords: number;
  /** Of the records as they are stored, with the evidence of forks. */
  readonly maxBytes: number;
}

/** What each signer's last record is. */
export interface RecordStore<Key, Content> {
  /**
   * Stores a record unless a newer one is there. One of this node's own stays until `remove`.
   * When the store is too full, the latest of the loudest goes: see `eviction.ts`.
   * @param toldBy the node that told it; `null` for one of this node's own
   */
  put(record: SignedRecord<Content>, toldBy: NodeKey | null): Promise<PutOutcome>;
  find(key: Key): Promise<StoredRecord<Content> | undefined>;
  /** Repeatable. */
  remove(key: Key): Promise<void>;
}

/** The records of nodes, and when each was last linked. */
export interface PeerStore extends RecordStore<NodeKey, NodeRecord> {
  /** A link to the node is up. Nothing is noted of a node whose record is not there. */
  noteContact(node: NodeKey, day: Day): Promise<void>;
  /** How many records there are, this node's own among them. */
  count(): Promise<number>;
  /** In bytewise order of the keys, from the first one after the given key. */
  list(after: NodeKey | null, limit: number): Promise<readonly StoredRecord<NodeRecord>[]>;
}

/** The records of agents. They are not listed: a peer that could list them would see who knows whom. */
export type AgentRecordStore = RecordStore<AgentPubKey, AgentRecord>;
