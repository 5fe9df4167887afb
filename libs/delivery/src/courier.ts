import { type NodeContext } from '@musubi/cell';
import { commitRows } from '@musubi/database';
import {
  AgentOfflineError,
  MessagingError,
  type MessagingStrategy,
  RemoteCallRefusedError,
  type SignedReceipt,
  type Strategies,
} from '@musubi/messaging';
import { MAX_ATTEMPTS, backoffUs } from './backoff.js';
import { type OutboxStore, type OwedWork } from './outbox.store.js';

export interface CourierParts {
  readonly node: Pick<NodeContext, 'clock' | 'db' | 'keyring' | 'log' | 'signals'>;
  readonly outbox: OutboxStore;
  readonly strategies: Strategies;
  /** A number in [0, 1). */
  readonly jitter: () => number;
}

/** How one attempt at one step ended. */
export type AttemptOutcome =
  /** Nothing is owed any more. */
  | 'done'
  /** Published: the placement brings the receipt back by itself. */
  | 'handed-over'
  /** In vain; the outbox has the time of the next attempt. */
  | 'postponed'
  /** The attempts are spent, or it was refused for good. */
  | 'failed';

/** Makes single attempts at owed steps, of any strategy, and keeps the outbox true to how they ended. */
export class Courier {
  constructor(private readonly parts: CourierParts) {}

  /**
   * Never rejects: each failure is an outcome. One that cannot be noted, since the database is away, leaves the row
   * its lease, and it is due again when that ends.
   */
  async attempt(work: OwedWork): Promise<AttemptOutcome> {
    try {
      return await this.perform(work);
    } catch (error) {
      return this.putOff(work, error).catch((unnoted: unknown) => {
        this.warn('outbox-write-failed', unnoted);
        return 'postponed';
      });
    }
  }

  private async perform({ holder, owed, lastError }: OwedWork): Promise<AttemptOutcome> {
    const strategy = this.parts.strategies[owed.strategy];
    const ref = { holder, message: owed.message };
    if (owed.step !== 'send') {
      await strategy.sendReceipt(ref);
      await this.settle({ holder, owed });
      return 'done';
    }
    const receipt = await bring(strategy, ref, lastError);
    if (receipt === null) return 'handed-over';
    await strategy.confirm(holder, receipt);
    return 'done';
  }

  private async settle({ holder, owed }: Pick<OwedWork, 'holder' | 'owed'>): Promise<void> {
    const { db, keyring } = this.parts.node;
    await commitRows(db, this.parts.outbox.settle(keyring.keysOf(holder), owed));
  }

  private async putOff(work: OwedWork, error: unknown): Promise<AttemptOutcome> {
    const { clock, signals } = this.parts.node;
    // The owner went offline: nothing was tried, and only its coming back can change that.
    if (error instanceof AgentOfflineError) return 'postponed';
    const code = codeOf(error);
    if (code === 'internal') this.warn('attempt-failed', error);
    const tried = { ...work, attempt: work.attempt + 1 };
    if (isPermanent(error) || tried.attempt >= MAX_ATTEMPTS) {
      await this.parts.outbox.fail(tried, code);
      const { strategy, message } = work.owed;
      signals.emit(work.holder, { type: 'delivery-failed', strategy, message });
      return 'failed';
    }
    const dueAt = clock.now() + backoffUs(tried.attempt, this.parts.jitter());
    await this.parts.outbox.postpone(tried, dueAt, code);
    return 'postponed';
  }

  private warn(event: string, error: unknown): void {
    this.parts.node.log.warn(event, { error: error instanceof Error ? error.name : typeof error });
  }
}

/** What the owner is told. A refusal says the recipient's reason too: `remote-call-refused/clone-limit-reached`. */
function codeOf(error: unknown): string {
  if (!(error instanceof MessagingError)) return 'internal';
  const isNamed = error instanceof RemoteCallRefusedError && REASON.test(error.reason);
  return isNamed ? `${error.code}/${error.reason}` : error.code;
}

/** A reason is the recipient's word: what is no code of any kind is not repeated. */
const REASON = /^[a-z-]{1,40}$/;

/** A refusal that no waiting changes. What nobody designed may pass. */
function isPermanent(error: unknown): boolean {
  return error instanceof MessagingError && !error.retryable;
}

/**
 * Sends, unless the last attempt may have reached the recipient: then it is asked first, and what it has stored need
 * only be confirmed.
 */
async function bring(
  strategy: MessagingStrategy,
  ref: Parameters<MessagingStrategy['send']>[0],
  lastError: string | null,
): Promise<SignedReceipt | null> {
  const stored = mayHaveArrived(lastError) ? await strategy.probe(ref) : null;
  return stored ?? strategy.send(ref);
}

/** Nothing was tried, nothing left, or the recipient said no: anything else may have come after its commit. */
function mayHaveArrived(lastError: string | null): boolean {
  if (lastError === null || lastError === 'recipient-unreachable') return false;
  return !lastError.startsWith('remote-call-refused');
}
