import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey, type NodePlace, type Whereabouts } from '@musubi/network/nodes';

/** Agents of other nodes that were called since this node started. */
const REMEMBERED = 20_000;

/**
 * Remembers which agents were looked for on which node. When the node is heard from, what waits for them leaves. The stored
 * records are sealed by agent, so nobody can ask them who is on a node.
 */
export class CalledAgents implements Whereabouts {
  private readonly agents = new Map<NodeKey, Set<AgentPubKey>>();
  private count = 0;

  constructor(private readonly inner: Whereabouts) {}

  async nodeOf(agent: AgentPubKey): Promise<NodePlace | undefined> {
    const place = await this.inner.nodeOf(agent);
    if (place !== undefined) this.remember(place.node, agent);
    return place;
  }

  on(node: NodeKey): readonly AgentPubKey[] {
    return [...(this.agents.get(node) ?? [])];
  }

  private remember(node: NodeKey, agent: AgentPubKey): void {
    const known = this.agents.get(node) ?? new Set();
    if (known.has(agent)) return;
    if (this.count >= REMEMBERED) {
      this.agents.clear();
      known.clear();
      this.count = 0;
    }
    this.agents.set(node, known.add(agent));
    this.count += 1;
  }
}
