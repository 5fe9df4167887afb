import {
  type AgentPubKey,
  MessageNotFoundError,
  type MessageRef,
  type MessagingStrategy,
  STRATEGY_NAMES,
} from '@musubi/messaging';
import { Body, Controller, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentAgent } from '../access/access.js';
import { Delivery } from '../node/delivery.service.js';
import { parseStrategyName } from '../strategies/strategies.schemas.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { receiptView } from './message.view.js';
import { type NewReceipts, newReceiptsSchema, receiptListSchema } from './messages.schemas.js';

@ApiTags('receipts')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy/receipts')
export class ReceiptsController {
  constructor(@Inject(Delivery) private readonly delivery: Delivery) {}

  /** Marks a batch as read, with a signed receipt for each message, and brings each to its author, now or later. */
  @Post()
  @ApiCreatedResponse({ standardSchema: receiptListSchema })
  async read(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Body({ schema: newReceiptsSchema }) { messages }: NewReceipts,
  ): Promise<z.infer<typeof receiptListSchema>> {
    const refs = [...new Set(messages)].map((message) => ({ holder, message }));
    // All are looked up before any is marked: a batch with a wrong id writes nothing.
    for (const ref of refs) await demandReceived(strategy, ref);
    const name = parseStrategyName(strategy.name);
    const items = [];
    for (const ref of refs) {
      items.push(receiptView(await strategy.read(ref)));
      await this.delivery.attempt(holder, { strategy: name, message: ref.message, step: 'read' });
    }
    return { items, next: null, prev: null };
  }
}

async function demandReceived(strategy: MessagingStrategy, ref: MessageRef): Promise<void> {
  const { message } = await strategy.messages.find(ref);
  if (message.recipient !== ref.holder) throw new MessageNotFoundError('this agent did not receive it');
}
