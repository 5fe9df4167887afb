import {
  type AgentPubKey,
  type MessageId,
  MessageNotFoundError,
  type MessagingStrategy,
  STRATEGY_NAMES,
  messageIdSchema,
} from '@musubi/messaging';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  Query,
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
import { type z } from 'zod';
import { CurrentAgent } from '../access/access.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { ApiError } from '../problem/api-error.js';
import { parseStrategyName } from '../strategies/strategies.schemas.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { ActOfSending } from './act-of-sending.js';
import { parseIdempotencyKey } from './idempotency-key.js';
import { IdempotencyStore } from './idempotency.store.js';
import { anchorOf, messageView } from './message.view.js';
import {
  type ConversationPageQuery,
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
import { waitMsOf } from './preference.js';

@ApiTags('messages')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy')
export class MessagesController {
  constructor(
    @Inject(ActOfSending) private readonly sending: ActOfSending,
    @Inject(IdempotencyStore) private readonly idempotency: IdempotencyStore,
    @Inject(DirectoryStore) private readonly directory: DirectoryStore,
  ) {}

  /** The whole act of sending. The message is kept once this answers, whether it is delivered yet or not. */
  @Post('messages')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Repeats the same message safely.' })
  @ApiHeader({ name: 'Prefer', required: false, description: '`wait=N` seconds, or `respond-async`.' })
  @ApiCreatedResponse({ standardSchema: messageViewSchema })
  async send(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() author: AgentPubKey,
    @Body({ schema: newMessageSchema }) { to, payload, replyTo }: NewMessage,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
  ): Promise<MessageView> {
    const key = parseIdempotencyKey(headers['idempotency-key']);
    await this.demandRecipient(to);
    await demandReplied(strategy, author, replyTo);
    const name = parseStrategyName(strategy.name);
    const content = { author, recipient: to, payload, replyTo };
    const unique = await this.idempotency.uniquenessOf(key, { strategy: name, ...content });
    const tracked = await this.sending.perform(
      strategy,
      { ...content, ...unique },
      waitMsOf(headers['prefer']),
    );
    return messageView(name, tracked);
  }

  /** Pages of this agent's messages, latest first. */
  @Get('messages')
  @ApiOkResponse({ standardSchema: messagePageSchema })
  async list(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() agent: AgentPubKey,
    @Query({ schema: messageQuerySchema }) query: MessagePageQuery,
  ): Promise<z.infer<typeof messagePageSchema>> {
    const peer = query.with === undefined ? {} : { with: query.with };
    const { items, ...cursors } = await strategy.messages.list(agent, {
      ...peer,
      anchor: anchorOf(query),
      limit: query.limit,
    });
    const name = parseStrategyName(strategy.name);
    const tracked = await Promise.all(items.map((held) => this.sending.track(name, agent, held)));
    return { items: tracked.map((item) => messageView(name, item)), ...cursors };
  }

  /** One message with its receipts. */
  @Get('messages/:message')
  @ApiOkResponse({ standardSchema: messageViewSchema })
  async find(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<MessageView> {
    return messageView(
      parseStrategyName(strategy.name),
      await this.sending.find(strategy, { holder, message }),
    );
  }

  /** Tries again now: asks the recipient first, then sends again or only confirms. The id stays the same. */
  @Post('messages/:message/retry')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ standardSchema: messageViewSchema })
  async retry(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
    @Headers('prefer') prefer: string | undefined,
  ): Promise<MessageView> {
    const tracked = await this.sending.retry(strategy, { holder, message }, waitMsOf(prefer));
    return messageView(parseStrategyName(strategy.name), tracked);
  }

  /** Deletes it for this agent. If it has not been sent yet, it never is. */
  @Delete('messages/:message')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  async remove(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Param('message', { schema: messageIdSchema }) message: MessageId,
  ): Promise<void> {
    await strategy.messages.find({ holder, message });
    await strategy.remove({ holder, message });
  }

  /** The last message and the number of unread ones for each peer, latest first. */
  @Get('conversations')
  @ApiOkResponse({ standardSchema: conversationPageSchema })
  async conversations(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() agent: AgentPubKey,
    @Query({ schema: conversationQuerySchema }) { before, limit }: ConversationPageQuery,
  ): Promise<z.infer<typeof conversationPageSchema>> {
    const from = before === undefined ? {} : { before };
    const { items, ...cursors } = await strategy.messages.conversations(agent, { ...from, limit });
    const name = parseStrategyName(strategy.name);
    const tracked = await Promise.all(
      items.map(async (item) => ({
        ...item,
        last: messageView(name, await this.sending.track(name, agent, item.last)),
      })),
    );
    return { items: tracked, ...cursors };
  }

  private async demandRecipient(to: AgentPubKey): Promise<void> {
    if (await this.directory.has(to)) return;
    throw new ApiError('unknown-recipient', 'There is no such agent on this node.', [
      { path: 'to', message: 'not in the directory' },
    ]);
  }
}

/** A reply is to a message that its author holds. */
async function demandReplied(
  strategy: MessagingStrategy,
  holder: AgentPubKey,
  replyTo: MessageId | null,
): Promise<void> {
  if (replyTo === null) return;
  try {
    await strategy.messages.find({ holder, message: replyTo });
  } catch (error) {
    if (!(error instanceof MessageNotFoundError)) throw error;
    const errors = [{ path: 'replyTo', message: 'you hold no such message' }];
    throw new ApiError('invalid', 'A reply must be to a message that you hold.', errors);
  }
}
