import { type AgentPubKey } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { MovedError } from '../problem/api-error.js';

const LEAVING =
  'This agent is leaving this node, and nothing is written for it here: import its file at another node, or take it back.';
const MOVED = 'This agent has moved to another node, and is no longer here.';

/** Whether an agent's home is this node. */
@Injectable()
export class Homes {
  constructor(@Inject(NODE) private readonly node: Pick<ServiceNode, 'fences' | 'network'>) {}

  /** @throws MovedError when the agent lives elsewhere, or is leaving */
  async require(agent: AgentPubKey): Promise<void> {
    const fence = this.node.fences.find(agent);
    // A deleted one is as unknown here as one that never was.
    if (fence === undefined || fence.isDeleted) return;
    if (!fence.isMoved) throw new MovedError(LEAVING, null);
    const place = await this.node.network.links?.whereIs(agent);
    throw new MovedError(MOVED, place ?? null);
  }
}
