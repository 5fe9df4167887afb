import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';

/** What others do when something is learned. The hooks must not throw. */
export interface MembershipHooks {
  /** There is a link to the node now, or a newer record of it: what waits for it may leave at once. */
  readonly onHeard?: (node: NodeKey) => void;
  /** A newer record of the agent is there: what waits for it may leave at once. */
  readonly onRecord?: (agent: AgentPubKey) => void;
  /** The agent's own node says that it is online again: what waits for it may leave at once. */
  readonly onBack?: (agent: AgentPubKey) => void;
  /** An agent of this node has said, by a newer record, that it is on another one. */
  readonly onMoved?: (agent: AgentPubKey, node: NodeKey) => void;
  /** Whether an agent of this node is leaving it, or lives elsewhere; undefined for all others. */
  readonly hasLeft?: (agent: AgentPubKey) => 'leaving' | 'moved' | undefined;
}
