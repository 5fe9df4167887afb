import { type AgentPubKey, type MessageId, STRATEGY_NAMES, messageIdSchema } from '@musubi/messaging';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { Refuses } from '../problem/refusals.js';
import { ActOfSending } from './act-of-sending.js';
import { type ConversationPage, ConversationPages } from './conversation-pages.js';
import { parseIdempotencyKey } from '../http/idempotency-key.js';
import { requireListed } from './requirements.js';
import { MessageTracker } from './message-tracker.js';
import { anchorOf, messageView } from './message.view.js';
import {
  type ConversationPageQuery,
  type MessagePage,
  type MessagePageQuery,
  type MessageView,
  type NewMessage,
  conversationPageSchema,
  conversationQuerySchema,
  messagePageSchema,
  messageQuerySchema,
  messageViewSchema,
  newMessageSchema,
} from './messages.schemas.js';
import { type Preference, preferenceOf } from './preference.js';
import { SendRequests } from './send-requests.js';

const PREFER = {
  name: 'Prefer',
  required: false,
  description: '`wait=N`: up to N seconds for delivery, at most 30. `respond-async`: none.',
};
const PREFERENCE_APPLIED = {
  'Preference-Applied': { description: 'What of `Prefer` was followed.', schema: { type: 'string' } },
} as const;

@ApiTags('messages')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy')
export class MessagesController {
  constructor(
    private readonly sending: ActOfSending,
    private readonly tracker: MessageTracker,
    private readonly requests: SendRequests,
    private readonly conversationPages: ConversationPages,
    private readonly places: WorkPlaces,
  ) {}

  /** The whole act of sending. The message is kept once this answers, whether it is delivered yet or not. */
  @Post('messages')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Repeats the same message safely.' })
  @ApiHeader(PREFER)
  @ApiCreatedResponse({ standardSchema: messageViewSchema, headers: PREFERENCE_APPLIED })
  @Refuses(
    'agent-deleted',
    'unknown-recipient',
    'recipient-elsewhere',
    'idempotency-key-reused',
    'invalid-message',
    'file-not-found',
    'clone-limit-reached',
    'message-deleted',
    'head-moved',
    'chain-locked',
    'clone-disabled',
    'not-joined',
  )
  async send(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() author: AgentPubKey,
    @Body({ schema: newMessageSchema }) { to, payload, replyTo }: NewMessage,
    @Req() { headers, ip: address }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageView> {
    const key = parseIdempotencyKey([headers['idempotency-key']].flat()[0]);
    const preference = preferenceOf([headers['prefer']].flat().join());
    const name = strategy.name;
    const request = { strategy: name, author, recipient: to, payload, replyTo };
    const options = { key, waitMs: preference.waitMs, address };
    const tracked = await this.requests.perform(strategy, request, options);
    tellApplied(reply, preference);
    return messageView(name, tracked);
  }

  /** Pages of this agent's messages, latest first. */
  @Get('messages')
  @ApiOkResponse({ standardSchema: messagePageSchema })
  @Refuses('invalid-cursor', 'message-not-found', 'message-deleted', 'message-unreadable')
  async list(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentCaller() caller: Caller,
    @Query({ schema: messageQuerySchema }) query: MessagePageQuery,
  ): Promise<MessagePage> {
    return this.places.inTurn(caller, () => this.pageOf(strategy, caller.agent, query));
  }

  private async pageOf(
    strategy: ServiceStrategy,
    agent: AgentPubKey,
    query: MessagePageQuery,
  ): Promise<MessagePage> {
    const peer = query.with === undefined ? {} : { with: query.with };
    const { items, ...cursors } = await strategy.messages.list(agent, {
      ...peer,
      anchor: anchorOf(query),
      limit: query.limit,
    });
    const name = strategy.name;
    const tracked = await this.tracker.trackAll(name, agent, items);
    return { items: tracked.map((item) => messageView(name, item)), ...cursors };
  }

  /** One message with its receipts. */
  @Get('messages/:message')
  @ApiOkResponse({ standardSchema: messageViewSchema })
  @Refuses('message-not-found', 'message-deleted', 'message-unreadable')
  async find(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<MessageView> {
    return messageView(strategy.name, await this.tracker.find(strategy, { holder, message }));
  }

  /** For its author. Tries again now: asks the recipient first, then sends again or only confirms. The id stays the same. */
  @Post('messages/:message/retry')
  @HttpCode(HttpStatus.OK)
  @ApiHeader(PREFER)
  @ApiOkResponse({ standardSchema: messageViewSchema, headers: PREFERENCE_APPLIED })
  @Refuses(
    'caller-not-author',
    'message-not-found',
    'message-deleted',
    'message-unreadable',
    'head-moved',
    'chain-locked',
    'clone-disabled',
    'not-joined',
  )
  async retry(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageView> {
    const preference = preferenceOf(prefer);
    const tracked = await this.sending.retry(strategy, { holder, message }, preference.waitMs);
    tellApplied(reply, preference);
    return messageView(strategy.name, tracked);
  }

  /** Deletes it for this agent. If it has not been sent yet, it never is. */
  @Delete('messages/:message')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses(
    'message-not-found',
    'message-deleted',
    'message-unreadable',
    'head-moved',
    'chain-locked',
    'clone-disabled',
    'not-joined',
  )
  async remove(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<void> {
    await requireListed(strategy, { holder, message });
    await strategy.remove({ holder, message });
  }

  /** The last message and the number of unread ones for each peer, latest first. */
  @Get('conversations')
  @ApiOkResponse({ standardSchema: conversationPageSchema })
  @Refuses('invalid-cursor')
  async conversations(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentCaller() caller: Caller,
    @Query({ schema: conversationQuerySchema }) query: ConversationPageQuery,
  ): Promise<ConversationPage> {
    return this.places.inTurn(caller, () => this.conversationPages.of(strategy, caller.agent, query));
  }
}

function tellApplied(reply: FastifyReply, { applied }: Preference): void {
  if (applied !== null) void reply.header('preference-applied', applied);
}
