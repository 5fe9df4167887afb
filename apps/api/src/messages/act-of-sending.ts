import { type NodeContext } from '@musubi/cell';
import {
  type HeldMessage,
  type MessageDraft,
  type MessageRef,
  MessagingError,
  type MessagingStrategy,
} from '@musubi/messaging';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { type Logger } from 'pino';
import { LOGGER, NODE } from '../node/tokens.js';
import { type DeliveryView } from './messages.schemas.js';

export interface SentMessage {
  readonly held: HeldMessage;
  /** What is still owed; `undefined` once the message is delivered. */
  readonly delivery: DeliveryView | undefined;
}

type Progress = Pick<DeliveryView, 'step' | 'lastError'>;

/**
 * One act of sending: save, send, confirm. Once `save` has answered, the message is kept whatever happens to
 * the rest; the caller waits for that only as long as it likes.
 */
@Injectable()
export class ActOfSending implements BeforeApplicationShutdown {
  private readonly underway = new Set<Promise<unknown>>();

  constructor(
    @Inject(NODE) private readonly node: NodeContext,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.underway);
  }

  /** @throws HeadMovedError, CloneLimitReachedError, AgentOfflineError from `save`; afterwards nothing */
  async perform(strategy: MessagingStrategy, draft: MessageDraft, waitMs: number): Promise<SentMessage> {
    const { message } = await strategy.save(draft);
    const ref = { holder: draft.author, message };
    const progress: { current: Progress } = { current: { step: 'send', lastError: null } };
    const arrival = this.arrivalOf(ref);
    const attempt = this.attempt(strategy, ref, (step) => {
      progress.current = step;
    });
    const isHandedOver = await this.within(waitMs, attempt);
    if (isHandedOver === true) await this.within(waitMs, arrival.promise);
    arrival.cancel();
    const held = await strategy.messages.find(ref);
    if (held.status !== 'saved') return { held, delivery: undefined };
    return { held, delivery: { ...progress.current, attempt: waitMs === 0 ? 0 : 1, nextAttemptAt: null } };
  }

  /** Sends and confirms. @returns true when the placement carries the receipt back by itself */
  private attempt(
    strategy: MessagingStrategy,
    ref: MessageRef,
    report: (progress: Progress) => void,
  ): Promise<boolean> {
    const steps = async (): Promise<boolean> => {
      let step: Progress['step'] = 'send';
      try {
        const receipt = await strategy.send(ref);
        if (receipt === null) return true;
        step = 'confirm';
        report({ step, lastError: null });
        await strategy.confirm(ref.holder, receipt);
      } catch (error) {
        report({ step, lastError: this.codeOf(error) });
      }
      return false;
    };
    const attempt = steps();
    this.underway.add(attempt);
    return attempt.finally(() => this.underway.delete(attempt));
  }

  private codeOf(error: unknown): string {
    if (error instanceof MessagingError) return error.code;
    this.logger.error({ error: error instanceof Error ? error.name : typeof error }, 'sending-failed');
    return 'internal';
  }

  /** Resolves when the author is told of a receipt for the message. */
  private arrivalOf({ holder, message }: MessageRef): { readonly promise: Promise<true>; cancel(): void } {
    let cancel = (): void => undefined;
    const promise = new Promise<true>((resolve) => {
      cancel = this.node.signals.subscribe(holder, (signal) => {
        if (signal['type'] === 'receipt' && signal['message'] === message) resolve(true);
      });
    });
    return {
      promise,
      cancel: () => {
        cancel();
      },
    };
  }

  private async within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    if (ms === 0) return undefined;
    const done = new AbortController();
    try {
      return await Promise.race([promise, this.node.clock.sleep(ms, done.signal).then(() => undefined)]);
    } finally {
      done.abort();
    }
  }
}
