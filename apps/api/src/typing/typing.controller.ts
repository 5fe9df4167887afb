import { type AgentPubKey, STRATEGY_NAMES, agentPubKeySchema } from '@musubi/messaging';
import { Body, Controller, HttpCode, HttpStatus, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentAgent } from '../access/access.js';
import { Recipients } from '../messages/recipients.js';
import { type ServiceNode } from '../node/service-node.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { Refuses } from '../problem/refusals.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';

const typingSchema = z.strictObject({
  to: agentPubKeySchema,
  typing: z.boolean().describe('`false`: this agent has stopped.'),
});
type NewTyping = z.infer<typeof typingSchema>;

@ApiTags('typing')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy/typing')
export class TypingController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'typing'>,
    private readonly recipients: Recipients,
  ) {}

  /**
   * Tells a peer that this agent is writing to it. Shown for 6 s, if at all: say it again every 3 s. The answer does not
   * say whether it arrived. It is dropped where the two have not conversed on this placement, where the peer takes no
   * messages of this agent, and beyond four a second.
   */
  @Post()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses('agent-deleted', 'unknown-recipient', 'recipient-elsewhere', 'typing-not-carried')
  async tell(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() from: AgentPubKey,
    @Body({ schema: typingSchema }) { to, typing: isTyping }: NewTyping,
  ): Promise<void> {
    if (!this.node.typing.isCarried(strategy.name))
      throw new ApiError(
        'typing-not-carried',
        `On ${strategy.name} authors never call their recipients, so that typing is not shown there.`,
      );
    await this.recipients.require(strategy, { author: from, recipient: to });
    this.node.typing.tell({ strategy: strategy.name, from, to, isTyping });
  }
}
