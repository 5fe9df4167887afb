import { type Owed } from '@musubi/cell';
import { type AttemptOutcome, type OwedWork } from '@musubi/delivery';
import {
  type HeldMessage,
  type MessageDraft,
  type MessageRef,
  type MessagingStrategy,
  type SignedReceipt,
  type StrategyName,
  receiptOfSignal,
  toRfc3339,
} from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { Delivery } from '../node/delivery.service.js';
import { type ServiceNode } from '../node/node-context.js';
import { NODE } from '../node/tokens.js';
import { parseStrategyName } from '../strategies/strategies.schemas.js';
import { type DeliveryView } from './messages.schemas.js';

/** A message, and what is still owed for it. */
export interface TrackedMessage {
  readonly held: HeldMessage;
  /** `undefined` once the message is delivered, and for messages of others. */
  readonly delivery: DeliveryView | undefined;
  /** The attempts are spent or were refused for good, and no receipt has come since. */
  readonly isFailed: boolean;
}

/**
 * One act of sending: save, send, confirm. Once `save` has answered, the message is kept and its sending owed,
 * whatever happens next; the caller waits for that only as long as it likes.
 */
@Injectable()
export class ActOfSending {
  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    @Inject(Delivery) private readonly delivery: Delivery,
  ) {}

  /** @throws HeadMovedError, CloneLimitReachedError, AgentOfflineError from `save`; afterwards nothing */
  async perform(strategy: MessagingStrategy, draft: MessageDraft, waitMs: number): Promise<TrackedMessage> {
    const saved = await strategy.save(draft);
    const ref = { holder: draft.author, message: saved.message };
    const attempt = (): Promise<AttemptOutcome> => this.delivery.attempt(ref.holder, sendOf(strategy, ref));
    const arrived = await this.awaitDelivery(ref, waitMs, attempt);
    if (arrived?.status !== 'delivered') return this.find(strategy, ref);
    // What was just committed need not be read back.
    const message = { id: saved.message, ...draft };
    const held = { message, status: arrived.status, receipts: [saved, arrived] };
    return { held, delivery: undefined, isFailed: false };
  }

  /** The owner asks for another attempt, now. @throws MessageNotFoundError, MessageDeletedError */
  async retry(strategy: MessagingStrategy, ref: MessageRef, waitMs: number): Promise<TrackedMessage> {
    const { status, message } = await strategy.messages.find(ref);
    if (status === 'saved' && message.author === ref.holder) {
      await this.awaitDelivery(ref, waitMs, () => this.delivery.retry(ref.holder, sendOf(strategy, ref)));
    }
    return this.find(strategy, ref);
  }

  /** @throws MessageNotFoundError, MessageDeletedError */
  async find(strategy: MessagingStrategy, ref: MessageRef): Promise<TrackedMessage> {
    return this.track(parseStrategyName(strategy.name), ref.holder, await strategy.messages.find(ref));
  }

  /** Adds what is owed to a message as its holder reads it. */
  async track(
    strategy: StrategyName,
    holder: MessageRef['holder'],
    held: HeldMessage,
  ): Promise<TrackedMessage> {
    if (held.status !== 'saved' || held.message.author !== holder) {
      return { held, delivery: undefined, isFailed: false };
    }
    const work = await this.delivery.find(holder, { strategy, message: held.message.id, step: 'send' });
    return { held, delivery: deliveryView(work), isFailed: work?.isFailed === true };
  }

  /**
   * Makes the attempt, and waits: for its end, and then for the receipt where the placement brings it.
   * @returns the receipt that the author was told of meanwhile
   */
  private async awaitDelivery(
    ref: MessageRef,
    waitMs: number,
    attempt: () => Promise<AttemptOutcome>,
  ): Promise<SignedReceipt | undefined> {
    const arrival = this.arrivalOf(ref);
    const outcome = attempt();
    // Whoever does not wait for it is not told that it could not begin: the step stays owed.
    outcome.catch(() => undefined);
    if (waitMs > 0 && (await this.within(waitMs, outcome)) === 'handed-over') {
      await this.within(waitMs, arrival.promise);
    }
    arrival.cancel();
    return arrival.receipt;
  }

  /** Resolves when the author is told of a receipt for the message. */
  private arrivalOf({ holder, message }: MessageRef): Arrival {
    let cancel = (): void => undefined;
    const arrival: Arrival = {
      promise: new Promise((resolve) => {
        cancel = this.node.signals.subscribe(holder, (signal) => {
          if (signal['type'] !== 'receipt' || signal['message'] !== message) return;
          arrival.receipt = receiptOfSignal(signal) ?? undefined;
          resolve(signal);
        });
      }),
      receipt: undefined,
      cancel: () => {
        cancel();
      },
    };
    return arrival;
  }

  private async within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    const done = new AbortController();
    try {
      return await Promise.race([promise, this.node.clock.sleep(ms, done.signal).then(() => undefined)]);
    } finally {
      // With a reason of its own: an exception made for each act that nobody looks at takes 0.1 ms.
      done.abort('over');
    }
  }
}

interface Arrival {
  readonly promise: Promise<unknown>;
  receipt: SignedReceipt | undefined;
  cancel(): void;
}

function sendOf(strategy: MessagingStrategy, { message }: MessageRef): Owed {
  return { strategy: parseStrategyName(strategy.name), message, step: 'send' };
}

/** Where nothing is owed any more, the message is published and its receipt is what is waited for. */
function deliveryView(work: OwedWork | null): DeliveryView {
  if (work === null) return { step: 'confirm', attempt: 1, nextAttemptAt: null, lastError: null };
  const { attempt, dueAt, isFailed, lastError } = work;
  return { step: 'send', attempt, nextAttemptAt: isFailed ? null : toRfc3339(dueAt), lastError };
}
