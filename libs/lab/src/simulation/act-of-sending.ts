import { setTimeout as sleep } from 'node:timers/promises';
import {
  HeadMovedError,
  type MessageDraft,
  type MessageId,
  MessagingError,
  RemoteCallRefusedError,
  RemoteCallUnknownError,
} from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';

/** What one act of sending took. */
interface ActCount {
  attempts: number;
  headMoved: number;
}

const LONGEST_WAIT_MS = 64;
/**
 * A step is given up after so many attempts, never after some time. One that was refused is over in milliseconds, and 32
 * writers of one chain need some dozens; one whose outcome is unknown took a whole timeout, and a step has five attempts.
 */
const MOST_ATTEMPTS = { refused: 200, unknown: 5 } as const;

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
    /** Nothing is tried again once this is true. */
    private readonly isOver: () => boolean,
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
    const failed = { refused: 0, unknown: 0 };
    for (let attempt = 1; ; attempt += 1) {
      this.count.attempts += 1;
      try {
        return await step();
      } catch (error) {
        if (isHeadMoved(error)) this.count.headMoved += 1;
        const how = error instanceof RemoteCallUnknownError ? 'unknown' : 'refused';
        failed[how] += 1;
        if (!(error instanceof MessagingError) || failed[how] === MOST_ATTEMPTS[how] || this.isOver())
          throw error;
      }
      await sleep(this.chance() * Math.min(2 ** attempt, LONGEST_WAIT_MS));
    }
  }
}

function isHeadMoved(error: unknown): boolean {
  if (error instanceof HeadMovedError) return true;
  return error instanceof RemoteCallRefusedError && error.reason === 'head-moved';
}
