import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey } from '@musubi/network/nodes';

export interface VainCallLimits {
  readonly peers: number;
  readonly agentsOfPeer: number;
}

/** Some 14 MB, when 1024 linked peers each call 128 agents that are offline. */
export const VAIN_CALL_LIMITS: VainCallLimits = { peers: 1024, agentsOfPeer: 128 };

/**
 * Which peers have called which agents of this node while those were offline. In memory only: a peer that is forgotten
 * tries again by itself. By peer, so that one that calls thousands displaces what it has called itself.
 */
export class VainCalls {
  private readonly agents = new Map<NodeKey, Set<AgentPubKey>>();

  constructor(private readonly limits = VAIN_CALL_LIMITS) {}

  note(peer: NodeKey, agent: AgentPubKey): void {
    const called = this.agents.get(peer) ?? new Set();
    called.delete(agent);
    called.add(agent);
    if (called.size > this.limits.agentsOfPeer) deleteEldest(called);
    this.agents.delete(peer);
    this.agents.set(peer, called);
    if (this.agents.size > this.limits.peers) deleteEldest(this.agents);
  }

  /** @returns the peers that have called the agent, and forgets that they have */
  take(agent: AgentPubKey): readonly NodeKey[] {
    const peers = [...this.agents].filter(([, called]) => called.delete(agent));
    for (const [peer, called] of peers) if (called.size === 0) this.agents.delete(peer);
    return peers.map(([peer]) => peer);
  }

  forget(peer: NodeKey): void {
    this.agents.delete(peer);
  }
}

/** The first one is the one that was put in first. */
function deleteEldest<Key>(keys: { keys(): IterableIterator<Key>; delete(key: Key): boolean }): void {
  for (const key of keys.keys()) {
    keys.delete(key);
    return;
  }
}
