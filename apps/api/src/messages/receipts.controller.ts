import { type ReadMessage, type Wait } from '@musubi/delivery';
import {
  type AgentPubKey,
  type MessageId,
  type MessageRef,
  MessagingError,
  NotRecipientError,
  STRATEGY_NAMES,
  type SignedReceipt,
} from '@musubi/messaging';
import { Body, Controller, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { type z } from 'zod';
import { type Caller, CurrentCaller } from '../access/access.js';
import { WorkBudget } from '../access/work-budget.js';
import { WorkPlaces } from '../access/work-places.js';
import { type ServiceNode } from '../node/service-node.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { NODE } from '../node/tokens.js';
import { KeptError } from '../problem/api-error.js';
import { problemOf } from '../problem/problem.js';
import { StrategyPipe } from '../strategies/strategy.pipe.js';
import { Refuses } from '../problem/refusals.js';
import { receiptView } from './message.view.js';
import { type NewReceipts, newReceiptsSchema, receiptBatchSchema } from './messages.schemas.js';
import { DEFAULT_WAIT_MS } from './preference.js';
import { Waits } from './waits.js';

type ReceiptBatch = z.infer<typeof receiptBatchSchema>;

@ApiTags('receipts')
@ApiBearerAuth()
@ApiParam({ name: 'strategy', enum: STRATEGY_NAMES })
@Controller('v1/strategies/:strategy/receipts')
export class ReceiptsController {
  constructor(
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'delivery'>,
    private readonly waits: Waits,
    private readonly work: WorkBudget,
    private readonly places: WorkPlaces,
  ) {}

  /**
   * Marks a batch as read, with a signed receipt for each message, and brings each to its author, now or later. Where the
   * settings, or the contact's, switch read receipts off, none is made: `untold` names these messages. What cannot be
   * marked is named in `failed`. Where nothing can, the answer is the problem of the first.
   */
  @Post()
  @ApiCreatedResponse({ standardSchema: receiptBatchSchema })
  @Refuses(
    'not-recipient',
    'message-not-found',
    'message-deleted',
    'message-unreadable',
    'head-moved',
    'chain-locked',
    'clone-disabled',
    'not-joined',
  )
  async read(
    @Param('strategy', StrategyPipe) strategy: ServiceStrategy,
    @CurrentCaller() caller: Caller,
    @Body({ schema: newReceiptsSchema }) { messages }: NewReceipts,
  ): Promise<ReceiptBatch> {
    const asked = new Set(messages);
    return this.places.inTurn(caller, async () => {
      await this.work.charge(caller, asked.size);
      return this.readAll(strategy, caller.agent, asked);
    });
  }

  private async readAll(
    strategy: ServiceStrategy,
    holder: AgentPubKey,
    messages: ReadonlySet<MessageId>,
  ): Promise<ReceiptBatch> {
    const read: ReadReceipt[] = [];
    const untold: MessageId[] = [];
    const refused: { readonly message: MessageId; readonly error: MessagingError }[] = [];
    const bring = (wait?: Wait): Promise<void> =>
      this.node.delivery.sendReceipts(strategy, { holder, read }, wait);
    try {
      for (const message of messages) {
        const outcome = await readOrRefuse(strategy, { holder, message });
        if (outcome instanceof MessagingError) refused.push({ message, error: outcome });
        else if (outcome === null) untold.push(message);
        else read.push(outcome);
      }
    } catch (error) {
      if (read.length + untold.length === 0) throw error;
      await bring();
      const kept = [...read.map(({ message }) => message), ...untold];
      throw new KeptError(true, kept, error);
    }
    await bring(this.waits.upTo(DEFAULT_WAIT_MS));
    if (read.length + untold.length === 0 && refused[0] !== undefined) throw refused[0].error;
    const failed = refused.map(({ message, error }) => ({ message, problem: problemOf(error) }));
    const items = read.map(({ receipt }) => receiptView(receipt));
    return { items, untold, failed, next: null, prev: null };
  }
}

interface ReadReceipt extends ReadMessage {
  readonly receipt: SignedReceipt;
}

async function readOrRefuse(
  strategy: ServiceStrategy,
  ref: MessageRef,
): Promise<ReadReceipt | MessagingError | null> {
  try {
    const { message } = await strategy.messages.find(ref);
    if (message.recipient !== ref.holder)
      return new NotRecipientError('Only the recipient of a message can mark it as read.');
    const receipt = await strategy.read(ref);
    return receipt && { message: ref.message, peer: message.author, receipt };
  } catch (error) {
    if (error instanceof MessagingError) return error;
    throw error;
  }
}
