import { Inject, Injectable } from '@nestjs/common';
import { type Config } from '../config/config.js';
import { CONFIG } from '../node/tokens.js';
import { type Caller } from './access.js';
import { Budget } from './budget.js';

/** Bytes of an answer for one point: a page of 1 MiB takes the thread as long as some seven sends, one of 200 short messages as long as five. */
export const BYTES_A_POINT = 8192;
/** How many agents of one network may spend all they have. */
const AGENTS_OF_NETWORK = 4;

/** Who pays for work: an agent, and the network that it calls from. */
export type Payer = Pick<Caller, 'agent' | 'network'>;

/**
 * Points for work whose size shows only when it is done: bytes of answers, and items of batches. A caller with points
 * left may begin. What the work costs beyond them is paid from the next seconds. This budget is apart from that for
 * requests, so an agent that reads much can still send.
 */
@Injectable()
export class WorkBudget {
  private readonly ofAgent: Budget;
  private readonly ofNetwork: Budget;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'rateLimitPerSecond'>) {
    this.ofAgent = new Budget(config.rateLimitPerSecond, 1);
    this.ofNetwork = new Budget(AGENTS_OF_NETWORK * config.rateLimitPerSecond, 1);
  }

  /** Takes one point before the work. @throws TryLaterError while earlier work is not paid for */
  async begin({ agent, network }: Payer): Promise<void> {
    await this.ofAgent.spend(agent);
    await this.ofNetwork.spend(network);
  }

  /** One piece of work costs a second's points at most, however few they are. */
  async charge({ agent, network }: Payer, points: number): Promise<void> {
    const charged = Math.min(points, this.config.rateLimitPerSecond);
    await this.ofAgent.charge(agent, charged);
    await this.ofNetwork.charge(network, charged);
  }
}
