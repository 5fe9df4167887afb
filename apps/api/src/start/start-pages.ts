import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { AgentChanges } from '../changes/agent-changes.js';
import { ConversationPages } from '../messages/conversation-pages.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { type StartView } from './start.schemas.js';

/** How often it is read before an answer that is not exact is good enough. */
const TRIES = 3;

type Conversations = StartView['conversations'];

/** The conversations that a client shows at its start, and where their changes go on. */
@Injectable()
export class StartPages {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'strategies'>,
    private readonly pages: ConversationPages,
    private readonly changes: AgentChanges,
  ) {}

  /** The cursor is made first: whatever the conversations do not show comes after it. @throws AgentOfflineError */
  async of(
    agent: AgentPubKey,
    limit: number,
  ): Promise<Pick<StartView, 'conversations' | 'changes' | 'exact'>> {
    for (let tries = 1; ; tries += 1) {
      const { cursor: changes, isAfterAll } = await this.changes.latestPlace(agent);
      const conversations = await this.read(agent, limit);
      const exact = isAfterAll && (await this.changes.isLatest(agent, changes));
      if (exact || !isAfterAll || tries === TRIES) return { conversations, changes, exact };
    }
  }

  private async read(agent: AgentPubKey, limit: number): Promise<Conversations> {
    const [sourceChain, pairwiseDht, globalDht] = await Promise.all(
      STRATEGY_NAMES.map((name) => this.pages.of(this.node.strategies[name], agent, { limit })),
    );
    if (sourceChain === undefined || pairwiseDht === undefined || globalDht === undefined)
      throw new Error('each placement has a page');
    return { 'source-chain': sourceChain, 'pairwise-dht': pairwiseDht, 'global-dht': globalDht };
  }
}
