import { type AgentPubKey } from '@musubi/messaging';
import { type SignedAction } from '../chain/action.js';
import { type Hash, parseHash } from '../chain/hash.js';

/** What an action asks the DHT to hold, by Holochain's names. */
type DhtOpType = 'register-agent-activity' | 'store-record' | 'store-entry' | 'register-add-link';

export interface DhtOp {
  readonly type: DhtOpType;
  /** The authorities nearest to it hold the op. */
  readonly basis: Hash;
  readonly action: SignedAction;
}

/** An agent's key is a basis too. */
export function agentBasis(agent: AgentPubKey): Hash {
  return parseHash(agent);
}

/**
 * Every op of an action: its author's activity, the record, the entry unless it is private, the link. A private
 * entry's action is published all the same, with the entry's hash in it.
 */
export function opsOf(signed: SignedAction): readonly DhtOp[] {
  const { author, content } = signed.action;
  const ops: DhtOp[] = [
    { type: 'register-agent-activity', basis: agentBasis(author), action: signed },
    { type: 'store-record', basis: signed.hash, action: signed },
  ];
  if (content.type === 'create' && content.entry.visibility === 'public') {
    ops.push({ type: 'store-entry', basis: content.entry.hash, action: signed });
  }
  if (content.type === 'create-link') {
    ops.push({ type: 'register-add-link', basis: content.link.base, action: signed });
  }
  return ops;
}
