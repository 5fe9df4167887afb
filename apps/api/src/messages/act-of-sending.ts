import { toBase64Url } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import {
  type Delivery,
  SaveUnknownError,
  type SendOptions,
  type SentMessage,
  awaitReceipt,
} from '@musubi/delivery';
import {
  CallerNotAuthorError,
  type MessageDraft,
  MessageNotFoundError,
  type MessageRef,
  parseNonce,
} from '@musubi/messaging';
import { messageIdOf } from '@musubi/receipts';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { NODE } from '../node/tokens.js';
import { KeptError } from '../problem/api-error.js';
import { MessageTracker, type TrackedMessage, untracked } from './message-tracker.js';
import { Waits } from './waits.js';

const NONCE_BYTES = 16;

/**
 * One act of sending, as a request sees it. Once the message is saved, its delivery goes on by itself; the caller waits
 * for that only as long as it likes.
 */
@Injectable()
export class ActOfSending {
  private readonly delivery: Delivery;

  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    private readonly waits: Waits,
    private readonly tracker: MessageTracker,
  ) {
    this.delivery = node.delivery;
  }

  /** A message that is not like any other: it has a time and a nonce of its own. */
  newDraft({ author, recipient, payload, replyTo }: Omit<MessageDraft, 'sentAt' | 'nonce'>): MessageDraft {
    const sentAt = this.node.clock.now();
    const nonce = parseNonce(toBase64Url(this.node.random(NONCE_BYTES)));
    return { author, recipient, payload, replyTo, sentAt, nonce };
  }

  /**
   * Once the message is committed this resolves, whatever goes wrong afterwards: what cannot be told any more is left out.
   * @throws what `save` does, with nothing committed; KeptError when the database went away and nobody can tell
   */
  async perform(
    strategy: ServiceStrategy,
    draft: MessageDraft,
    { waitMs, extras: rows }: Performance,
  ): Promise<TrackedMessage> {
    const keys = this.node.keyring.keysOf(draft.author);
    const { saved, receipt } = await this.send(strategy, draft, { rows, wait: this.waits.upTo(waitMs) });
    // What was just committed need not be read back.
    const message = { id: saved.message, ...draft };
    if (receipt?.status === 'delivered') {
      return untracked({ message, status: receipt.status, receipts: [saved, receipt] });
    }
    try {
      return await this.tracker.find(strategy, { holder: draft.author, message: saved.message });
    } catch (error) {
      const status = draft.author === draft.recipient ? 'read' : saved.status;
      return this.tracker.incomplete({ keys, strategy, error }, { message, status, receipts: [saved] });
    }
  }

  /**
   * A message that was saved before, as it is now, also under its author's tombstone; waits for its delivery as the first
   * request did. @throws MessageNotFoundError; KeptError for everything else
   */
  async repeat(strategy: ServiceStrategy, draft: MessageDraft, waitMs: number): Promise<TrackedMessage> {
    const ref = { holder: draft.author, message: messageIdOf(draft) };
    const awaited = awaitReceipt(this.node.signals, ref);
    try {
      const tracked = await this.tracker.recall(strategy, ref);
      if (tracked.delivery === undefined || tracked.isFailed || waitMs === 0) return tracked;
      await this.waits.upTo(waitMs)?.(awaited.promise);
      return await this.tracker.recall(strategy, ref);
    } catch (error) {
      if (error instanceof MessageNotFoundError) throw error;
      throw new KeptError(true, [ref.message], error);
    } finally {
      awaited.cancel();
    }
  }

  /** The author asks for another attempt, now. @throws MessageNotFoundError, MessageDeletedError, CallerNotAuthorError */
  async retry(strategy: ServiceStrategy, ref: MessageRef, waitMs: number): Promise<TrackedMessage> {
    const keys = this.node.keyring.keysOf(ref.holder);
    const held = await strategy.messages.find(ref);
    if (held.message.author !== ref.holder)
      throw new CallerNotAuthorError('Only the author of a message can ask for another attempt.');
    if (held.status !== 'saved') return untracked(held);
    try {
      await this.delivery.retryMessage(strategy, ref, this.waits.upTo(waitMs));
      return await this.tracker.find(strategy, ref);
    } catch (error) {
      return this.tracker.incomplete({ keys, strategy, error }, held);
    }
  }

  private async send(
    strategy: ServiceStrategy,
    draft: MessageDraft,
    options: SendOptions,
  ): Promise<SentMessage> {
    try {
      return await this.delivery.sendMessage(strategy, draft, options);
    } catch (error) {
      if (!(error instanceof SaveUnknownError)) throw error;
      throw new KeptError('unknown', [error.messageId], error.cause);
    }
  }
}

interface Performance {
  readonly waitMs: number;
  /** Commits with the message. */
  readonly extras: readonly Rows[];
}
