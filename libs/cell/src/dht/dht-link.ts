import { type AgentPubKey } from '@musubi/messaging';
import { type Hash } from '../chain/hash.js';

/** A link as its base's authorities hold it. */
export interface DhtLink {
  readonly author: AgentPubKey;
  /** The seq of the author's `create-link` action: a reader's place among this author's links. */
  readonly seq: number;
  readonly target: Hash;
  readonly tag: Uint8Array;
  /** The entry at the target; `null` while no authority holds it (yet). */
  readonly body: Uint8Array | null;
}
