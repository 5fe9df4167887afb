import { type AgentPubKey, type StrategyName } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { DirectoryStore } from '../agents/directory.store.js';
import { Contacts } from '../contacts/contacts.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { hasConversation } from '../node/conversations.js';

/** Placements that reach agents of other nodes. */
const BETWEEN_NODES = ['source-chain', 'pairwise-dht'] as const satisfies readonly StrategyName[];

interface Addressed {
  readonly author: AgentPubKey;
  readonly recipient: AgentPubKey;
}

/**
 * Whom an agent can write to: everybody in the directory of this node and, on other nodes, whose card it has taken or who
 * has written to it. That another agent of this node knows somebody is nothing that this one could find out.
 */
@Injectable()
export class Recipients {
  constructor(
    private readonly directory: DirectoryStore,
    private readonly contacts: Contacts,
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'strategies' | 'wasDeleted'>,
  ) {}

  /** @throws ApiError `agent-deleted`, `unknown-recipient`, `recipient-elsewhere` */
  async require(strategy: ServiceStrategy, { author, recipient }: Addressed): Promise<void> {
    if (this.node.wasDeleted?.(recipient) === true)
      throw new ApiError('agent-deleted', 'This agent was deleted: nobody can write to it any more.', [
        { path: 'to', message: 'deleted' },
      ]);
    if (await this.directory.has(recipient)) return;
    if (!(await this.isKnown({ author, recipient }))) {
      throw new ApiError(
        'unknown-recipient',
        'There is no such agent on this node, nor among your contacts.',
        [{ path: 'to', message: 'not in the directory, and no contact' }],
      );
    }
    if (BETWEEN_NODES.some((name) => name === strategy.name)) return;
    throw new ApiError(
      'recipient-elsewhere',
      `This agent is on another node, and ${strategy.name} does not reach other nodes yet: use source-chain or pairwise-dht.`,
      [{ path: 'to', message: 'on another node' }],
    );
  }

  private async isKnown(addressed: Addressed): Promise<boolean> {
    if (this.contacts.isAlone) return false;
    if (await this.contacts.has(addressed.author, addressed.recipient)) return true;
    for (const name of BETWEEN_NODES) {
      if (await hasConversation(this.node.strategies[name], addressed)) return true;
    }
    return false;
  }
}
