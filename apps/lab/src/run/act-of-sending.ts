import { setTimeout as sleep } from 'node:timers/promises';
import {
  HeadMovedError,
  type MessageDraft,
  type MessageId,
  MessagingError,
  RemoteCallRefusedError,
} from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';

/** What one act of sending took. */
export interface ActCount {
  attempts: number;
  headMoved: number;
}

const LONGEST_WAIT_MS = 64;

/**
 * Saves, sends and confirms under load, each step again and again until it is done. A step that fails waits for
 * U[0, 2ⁿ) ms, 64 ms at most, instead of the outbox's seconds: what is measured is the placement, not the backoff.
 */
export class LoadedAct {
  readonly count: ActCount = { attempts: 0, headMoved: 0 };
  /** Set when its delivery was heard of. */
  isDone = false;

  constructor(
    private readonly node: LabNode,
    private readonly chance: () => number,
    /** Nothing is tried again after this. */
    private readonly until: AbortSignal,
  ) {}

  /** @throws what the last attempt threw */
  async save(draft: MessageDraft): Promise<MessageId> {
    const { message } = await this.persist(() => this.node.strategy.save(draft));
    return message;
  }

  async sendAndConfirm(draft: MessageDraft, message: MessageId): Promise<void> {
    const { strategy } = this.node;
    const receipt = await this.persist(() => strategy.send({ holder: draft.author, message }));
    if (receipt !== null) await this.persist(() => strategy.confirm(draft.author, receipt));
  }

  private async persist<Result>(step: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      this.count.attempts += 1;
      try {
        return await step();
      } catch (error) {
        if (isHeadMoved(error)) this.count.headMoved += 1;
        if (!(error instanceof MessagingError) || this.until.aborted) throw error;
      }
      await sleep(this.chance() * Math.min(2 ** attempt, LONGEST_WAIT_MS));
    }
  }
}

function isHeadMoved(error: unknown): boolean {
  if (error instanceof HeadMovedError) return true;
  return error instanceof RemoteCallRefusedError && error.reason === 'head-moved';
}
