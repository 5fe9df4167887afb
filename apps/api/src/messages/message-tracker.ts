import { type AgentKeys } from '@musubi/crypto';
import { type OutboxEntry } from '@musubi/delivery';
import { UnreadMarks } from '@musubi/history';
import {
  type HeldMessage,
  MessageDeletedError,
  type MessageId,
  type MessageRef,
  MessagingError,
  type StrategyName,
  toRfc3339,
} from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { NODE } from '../node/tokens.js';
import { type DeliveryView } from './messages.schemas.js';

/** A message, and what is still pending for it. */
export interface TrackedMessage {
  readonly held: HeldMessage;
  /** `undefined` once the message is delivered, and for messages of others. */
  readonly delivery: DeliveryView | undefined;
  /** The patience is over or it was refused for good, and no receipt has come since. */
  readonly isFailed: boolean;
  /** The holder has received it and not read it. */
  readonly isUnread: boolean;
}

/** What stopped an answer, and with which keys the rest of it is read. */
interface Interruption {
  readonly keys: AgentKeys;
  readonly strategy: ServiceStrategy;
  readonly error: unknown;
}

/** Messages as their holders read them, with their pending steps. */
@Injectable()
export class MessageTracker {
  constructor(@Inject(NODE) private readonly node: ServiceNode) {}

  /** @throws MessageNotFoundError, MessageDeletedError */
  async find(strategy: ServiceStrategy, ref: MessageRef): Promise<TrackedMessage> {
    const held = await strategy.messages.find(ref);
    if (!isPending(held, ref.holder)) return this.withUnread(strategy.name, held, ref.holder);
    return this.trackWith(this.node.keyring.keysOf(ref.holder), strategy.name, held);
  }

  /** Adds what is pending to messages as their holder reads them: one query, however many. */
  async trackAll(
    strategy: StrategyName,
    holder: MessageRef['holder'],
    all: readonly HeldMessage[],
  ): Promise<readonly TrackedMessage[]> {
    const messages = all.filter((held) => isPending(held, holder)).map(({ message }) => message.id);
    const keys = this.node.keyring.keysOf(holder);
    const works = await this.node.outbox.findAll(keys, { strategy, messages, step: 'send' });
    const unread = await this.unreadAmong(strategy, holder, all);
    return all.map((held) =>
      isPending(held, holder)
        ? trackedWith(held, works.get(held.message.id) ?? null)
        : { ...untracked(held), isUnread: unread.has(held.message.id) },
    );
  }

  private async withUnread(
    strategy: StrategyName,
    held: HeldMessage,
    holder: MessageRef['holder'],
  ): Promise<TrackedMessage> {
    const unread = await this.unreadAmong(strategy, holder, [held]);
    return { ...untracked(held), isUnread: unread.has(held.message.id) };
  }

  /** One query, where any of them may be unread: not one's own, nor one whose author was told that it was read. */
  private unreadAmong(
    strategy: StrategyName,
    holder: MessageRef['holder'],
    all: readonly HeldMessage[],
  ): Promise<ReadonlySet<MessageId>> {
    const asked = all.filter(({ status, message }) => message.author !== holder && status !== 'read');
    const marks = new UnreadMarks(this.node.db, strategy);
    return marks.among(
      this.node.keyring.keysOf(holder),
      asked.map(({ message }) => message.id),
    );
  }

  private async trackWith(
    keys: AgentKeys,
    strategy: StrategyName,
    held: HeldMessage,
  ): Promise<TrackedMessage> {
    const work = await this.node.outbox.find(keys, { strategy, message: held.message.id, step: 'send' });
    return trackedWith(held, work);
  }

  /** What can be told of a message that is kept, when something has gone wrong since: its author may have signed out. */
  async incomplete({ keys, strategy, error }: Interruption, held: HeldMessage): Promise<TrackedMessage> {
    // Signing out while a send waits is nothing to report.
    if (!(error instanceof MessagingError)) {
      this.node.log.warn('answer-incomplete', { error: nameOf(error) });
    }
    if (held.status !== 'saved') return untracked(held);
    try {
      return await this.trackWith(keys, strategy.name, held);
    } catch {
      const lastError = error instanceof MessagingError ? error.code : 'unavailable';
      return { ...untracked(held), delivery: { step: 'send', attempt: 0, nextAttemptAt: null, lastError } };
    }
  }

  /** As it is now; under a tombstone nothing is on its way any more. */
  async recall(strategy: ServiceStrategy, ref: MessageRef): Promise<TrackedMessage> {
    try {
      return await this.find(strategy, ref);
    } catch (error) {
      if (!(error instanceof MessageDeletedError)) throw error;
      return untracked(await strategy.messages.recall(ref));
    }
  }
}

export function untracked(held: HeldMessage): TrackedMessage {
  return { held, delivery: undefined, isFailed: false, isUnread: false };
}

/** Whether something may still be pending for it. */
function isPending({ status, message }: HeldMessage, holder: MessageRef['holder']): boolean {
  return status === 'saved' && message.author === holder;
}

function trackedWith(held: HeldMessage, work: OutboxEntry | null): TrackedMessage {
  return { held, delivery: deliveryView(work), isFailed: work?.isFailed === true, isUnread: false };
}

/** Where nothing is pending any more, the message is published and its receipt is what is waited for. */
function deliveryView(work: OutboxEntry | null): DeliveryView {
  if (work === null) return { step: 'confirm', attempt: 0, nextAttemptAt: null, lastError: null };
  const { attempt, dueAt, isFailed, lastError } = work;
  return { step: 'send', attempt, nextAttemptAt: isFailed ? null : toRfc3339(dueAt), lastError };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
