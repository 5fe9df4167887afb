import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from './node-key.js';

/** Where a node can be dialled. */
export interface NodePlace {
  readonly node: NodeKey;
  /** URLs such as `tcp://192.0.2.1:4040`, by a carrier's scheme. Those of other schemes are passed over. */
  readonly addresses: readonly string[];
}

/** Knows which agent is on which node, by what they have signed. */
export interface Whereabouts {
  /** @returns undefined when nothing is known of the agent: a call to it is not sent */
  nodeOf(agent: AgentPubKey): Promise<NodePlace | undefined>;
}
