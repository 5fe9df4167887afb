import { BLOCK_LIMIT, type WhoMayWrite } from '@musubi/cell';
import { type AgentPubKey, type Page } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { type Settings, type SettingsChange } from './writers.schemas.js';

type BlocksQuery = Parameters<ServiceNode['writers']['blocks']['list']>[1];

/** Who may write to each agent, and what authors are told, as it says itself. */
@Injectable()
export class WriteAccess {
  constructor(@Inject(NODE) private readonly node: Pick<ServiceNode, 'strategies' | 'writers'>) {}

  async settings(holder: AgentPubKey): Promise<Settings> {
    const { reading } = this.node.writers;
    return {
      whoMayWrite: await this.node.writers.setting(holder),
      readReceipts: await reading.isTold(holder),
    };
  }

  /** @throws AgentOfflineError, AgentMovedError */
  async change(holder: AgentPubKey, { whoMayWrite, readReceipts }: SettingsChange): Promise<void> {
    if (readReceipts !== undefined) await this.node.writers.reading.tell(holder, readReceipts);
    if (whoMayWrite !== undefined) await this.set(holder, whoMayWrite);
  }

  private async set(holder: AgentPubKey, whoMayWrite: WhoMayWrite): Promise<void> {
    const before = await this.node.writers.setting(holder);
    await this.node.writers.set(holder, whoMayWrite);
    if (before !== whoMayWrite && whoMayWrite !== 'nobody') await this.opened(holder, null);
  }

  /** @throws ApiError `block-not-found` */
  async requireBlocked(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    if (!(await this.node.writers.blocks.has(holder, agent))) throw notFound();
  }

  list(holder: AgentPubKey, query: BlocksQuery): Promise<Page<AgentPubKey>> {
    return this.node.writers.blocks.list(holder, query);
  }

  /** Repeatable. Any key may be blocked: whose it is need not be known. @throws ApiError `invalid`, `block-limit-reached` */
  async block(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    if (holder === agent) {
      const errors = [{ path: 'agent', message: 'this is yourself' }];
      throw new ApiError('invalid', 'An agent cannot block itself.', errors);
    }
    if (!(await this.node.writers.block(holder, agent)))
      throw new ApiError('block-limit-reached', `This agent blocks ${BLOCK_LIMIT} agents already.`);
  }

  /** @throws ApiError `block-not-found` */
  async unblock(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    const wasBlocked = await this.node.writers.unblock(holder, agent);
    // Also when the answer to the same request was lost.
    await this.opened(holder, agent);
    if (!wasBlocked) throw notFound();
  }

  /** A contact was added, who could not write before where only contacts may. */
  async contactAdded(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    if ((await this.node.writers.setting(holder)) === 'contacts') await this.opened(holder, agent);
  }

  /** That agent, or anybody for `null`, may write now who could not: some of what was dropped may still be there. */
  private opened(holder: AgentPubKey, agent: AgentPubKey | null): Promise<void> {
    return this.node.strategies['global-dht'].lookAgain(holder, agent);
  }
}

function notFound(): ApiError {
  return new ApiError('block-not-found', 'This agent does not block that agent.');
}
