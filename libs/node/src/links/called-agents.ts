import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey, type NodePlace, type Whereabouts } from '@musubi/network/nodes';

/** Agents of other nodes that were called since this node started. */
const REMEMBERED = 20_000;

/**
 * Remembers where the agents are that were called, so that each call need not open two records. The stored records are
 * sealed by agent, and nobody can ask them who is on a node: this can, and so what waits for its agents leaves when the node
 * is heard from. All records come through this process, which says what has changed.
 */
export class CalledAgents implements Whereabouts {
  private readonly places = new Map<AgentPubKey, NodePlace>();
  private readonly agents = new Map<NodeKey, Set<AgentPubKey>>();
  private count = 0;
  /** Counts what has changed: what was read before a change is not remembered after it. */
  private changes = 0;

  constructor(private readonly inner: Whereabouts) {}

  async nodeOf(agent: AgentPubKey): Promise<NodePlace | undefined> {
    const remembered = this.places.get(agent);
    if (remembered !== undefined) return remembered;
    const before = this.changes;
    const place = await this.inner.nodeOf(agent);
    if (place !== undefined) this.remember(agent, place, before === this.changes);
    return place;
  }

  on(node: NodeKey): readonly AgentPubKey[] {
    return [...(this.agents.get(node) ?? [])];
  }

  /** Another record of the agent has come. */
  forget(agent: AgentPubKey): void {
    this.changes += 1;
    this.places.delete(agent);
  }

  /** Another record of the node has come, or a link to it. */
  forgetPlacesOn(node: NodeKey): void {
    this.changes += 1;
    for (const agent of this.on(node)) this.places.delete(agent);
  }

  private remember(agent: AgentPubKey, place: NodePlace, isCurrent: boolean): void {
    if (this.count >= REMEMBERED) this.forgetAll();
    const onNode = this.agents.get(place.node) ?? new Set();
    if (!onNode.has(agent)) this.count += 1;
    this.agents.set(place.node, onNode.add(agent));
    if (isCurrent) this.places.set(agent, place);
  }

  private forgetAll(): void {
    this.places.clear();
    this.agents.clear();
    this.count = 0;
  }
}
