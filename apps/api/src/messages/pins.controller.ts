import { type AgentPubKey, type MessageId, STRATEGY_NAMES, messageIdSchema } from '@musubi/messaging';
import { Controller, Delete, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { pinsOf } from '@musubi/delivery';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { type ServiceNode } from '../node/service-node.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { NODE } from '../node/tokens.js';
import { Refuses } from '../problem/refusals.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { MessageTracker } from './message-tracker.js';
import { messageView } from './message.view.js';
import {
  type MessagePage,
  type MessageView,
  type PinPageQuery,
  messagePageSchema,
  messageViewSchema,
  pinQuerySchema,
} from './messages.schemas.js';
import { DEFAULT_WAIT_MS } from './preference.js';
import { Waits } from './waits.js';

const REFUSALS = [
  'message-not-found',
  'message-deleted',
  'message-unreadable',
  'pin-limit-reached',
  'head-moved',
  'chain-locked',
  'clone-disabled',
  'not-joined',
] as const;

@ApiTags('pins')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy')
export class PinsController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'delivery'>,
    private readonly tracker: MessageTracker,
    private readonly waits: Waits,
    private readonly places: WorkPlaces,
  ) {}

  /**
   * Pins a message for both of the two, and brings that to the peer, now or later. Either may pin and unpin it; what was
   * said last holds. What is pinned stays so; a repeat by the agent that pinned it brings it to the peer once more.
   */
  @Put('messages/:message/pin')
  @ApiOkResponse({ standardSchema: messageViewSchema })
  @Refuses(...REFUSALS)
  pin(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<MessageView> {
    return this.state(strategy, { holder, message }, true);
  }

  /** Unpins it for both. What is not pinned stays so. */
  @Delete('messages/:message/pin')
  @ApiOkResponse({ standardSchema: messageViewSchema })
  @Refuses(...REFUSALS)
  unpin(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<MessageView> {
    return this.state(strategy, { holder, message }, false);
  }

  /** The pinned messages of one conversation, latest message first. */
  @Get('pins')
  @ApiOkResponse({ standardSchema: messagePageSchema })
  @Refuses('invalid-cursor')
  list(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentCaller() caller: Caller,
    @Query({ schema: pinQuerySchema }) query: PinPageQuery,
  ): Promise<MessagePage> {
    return this.places.inTurn(caller, () => this.pageOf(strategy, caller.agent, query));
  }

  private async pageOf(
    strategy: ServiceStrategy,
    agent: AgentPubKey,
    { with: peer, before, limit }: PinPageQuery,
  ): Promise<MessagePage> {
    const { items, ...cursors } = await strategy.messages.list(agent, {
      with: peer,
      pinned: true,
      anchor: before === undefined ? { at: 'latest' } : { at: 'before', cursor: before },
      limit,
    });
    const { name } = strategy;
    const tracked = await this.tracker.trackAll(name, agent, items);
    return { items: tracked.map((item) => messageView(name, item)), ...cursors };
  }

  private async state(
    strategy: ServiceStrategy,
    ref: { readonly holder: AgentPubKey; readonly message: MessageId },
    isPinned: boolean,
  ): Promise<MessageView> {
    const pin = await pinsOf(strategy).pin(ref, isPinned);
    if (pin !== null) {
      const { holder } = ref;
      await this.node.delivery.sendPin(strategy, { holder, pin }, this.waits.upTo(DEFAULT_WAIT_MS));
    }
    return messageView(strategy.name, await this.tracker.recall(strategy, ref));
  }
}
