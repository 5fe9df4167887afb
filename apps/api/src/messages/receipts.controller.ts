import { type AgentPubKey, MessagingError, type MessagingStrategy, STRATEGY_NAMES } from '@musubi/messaging';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { CurrentAgent } from '../access/access.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { receiptView } from './message.view.js';
import { type NewReceipts, newReceiptsSchema, receiptListSchema } from './messages.schemas.js';

@ApiTags('receipts')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy/receipts')
export class ReceiptsController {
  /** Marks a batch as read, with a signed receipt for each message, and tells the authors that can be reached. */
  @Post()
  @ApiCreatedResponse({ standardSchema: receiptListSchema })
  async read(
    @Param('strategy', StrategyPipe) strategy: MessagingStrategy,
    @CurrentAgent() holder: AgentPubKey,
    @Body({ schema: newReceiptsSchema }) { messages }: NewReceipts,
  ): Promise<z.infer<typeof receiptListSchema>> {
    const refs = [...new Set(messages)].map((message) => ({ holder, message }));
    // All are looked up before any is marked: a batch with an unknown id writes nothing.
    for (const ref of refs) await strategy.messages.find(ref);
    const items = [];
    for (const ref of refs) {
      items.push(receiptView(await strategy.read(ref)));
      await tell(() => strategy.sendReceipt(ref));
    }
    return { items, next: null, prev: null };
  }
}

/** The receipt is on its maker's chain already; an author that cannot be reached now learns of it later. */
async function tell(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
  }
}
