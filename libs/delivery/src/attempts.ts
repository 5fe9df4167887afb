import { type NodeContext, type OutboxKey } from '@musubi/cell';
import { commitRows } from '@musubi/database';
import {
  AgentMovedError,
  AgentOfflineError,
  type AgentPubKey,
  MessagingError,
  type MessagingStrategy,
  type PinCarrier,
  RemoteCallRefusedError,
  type SignedReceipt,
  type Strategies,
  changeSignal,
} from '@musubi/messaging';
import { wasUnanswered } from './claim.sql.js';
import { type OutboxEntry } from './outbox-row.js';
import { type OutboxStore } from './outbox.store.js';
import { type Patience, nextWaitUs, waitUs } from './patience.js';
import { SilentLanes } from './silent-lanes.js';

export interface AttemptsParts {
  readonly node: Pick<NodeContext, 'clock' | 'db' | 'keyring' | 'log' | 'signals'>;
  readonly outbox: OutboxStore;
  /** The strategies of this node; a step of another one is put off. */
  readonly strategies: Partial<Strategies>;
  /** A number in [0, 1). */
  readonly jitter: () => number;
  readonly patience: Patience;
}

/** How one attempt at one step ended. `isSilent`: the recipient did not answer, and was asked for all that wait for it. */
export type AttemptOutcome =
  /** The step is complete. A message that was sent has the receipt that its author stores. */
  | { readonly kind: 'done'; readonly receipt: SignedReceipt | null }
  /** Published: the placement brings the receipt back by itself. */
  | { readonly kind: 'handed-over' }
  /** In vain; the outbox has the time of the next attempt. */
  | { readonly kind: 'postponed'; readonly isSilent?: true }
  /** The patience is over, or it was refused for good. */
  | { readonly kind: 'failed'; readonly isSilent?: true };

/** Makes single attempts at the outbox's steps, of any strategy, and notes in the outbox how each ended. */
export class Attempts {
  private readonly underway = new Set<Promise<unknown>>();
  private readonly silent: SilentLanes;

  constructor(private readonly parts: AttemptsParts) {
    this.silent = new SilentLanes(parts);
  }

  /** The first attempt at a step that was just committed: its lease keeps every worker away meanwhile. Never rejects. */
  first(holder: AgentPubKey, step: OutboxKey): Promise<AttemptOutcome> {
    return this.make(this.firstWork(holder, step));
  }

  /** A step that was just committed, as the attempt at it needs it. */
  firstWork(holder: AgentPubKey, outboxKey: OutboxKey): OutboxEntry {
    const dueAt = this.parts.outbox.leasedUntil();
    return { holder, outboxKey, lane: '', attempt: 0, waitedUs: 0, dueAt, isFailed: false, lastError: null };
  }

  /**
   * Begins again from the first attempt, for an owner that asks. It probes the recipient first, since nobody knows how
   * the last attempt ended. @throws AgentOfflineError; what the database throws
   */
  async retry(holder: AgentPubKey, step: OutboxKey): Promise<AttemptOutcome> {
    const { node, outbox } = this.parts;
    const keys = node.keyring.keysOf(holder);
    const work = await outbox.find(keys, step);
    if (work === null || !(await outbox.renew(keys, step))) return this.first(holder, step);
    node.signals.emit(holder, changeSignal(step.strategy, step.message));
    // Leased like one that was just committed.
    return this.make({
      ...work,
      dueAt: outbox.leasedUntil(),
      attempt: 0,
      waitedUs: 0,
      lastError: 'remote-call-unknown',
    });
  }

  /** Resolves when no attempt is under way. */
  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.underway);
    await this.silent.whenIdle();
  }

  /**
   * Never rejects: each failure is an outcome. One that cannot be noted, since the database is away, leaves the row
   * its lease, and it is due again when that ends.
   */
  make(work: OutboxEntry): Promise<AttemptOutcome> {
    const attempt = this.tryOnce(work);
    this.underway.add(attempt);
    return attempt.finally(() => this.underway.delete(attempt));
  }

  private async tryOnce(work: OutboxEntry): Promise<AttemptOutcome> {
    try {
      return await this.perform(work);
    } catch (error) {
      return this.putOff(work, error).catch((unnoted: unknown) => {
        this.warn('outbox-write-failed', unnoted);
        return { kind: 'postponed' };
      });
    }
  }

  private async perform(work: OutboxEntry): Promise<AttemptOutcome> {
    const { holder, outboxKey, lastError } = work;
    const strategy = this.parts.strategies[outboxKey.strategy];
    if (strategy === undefined) throw new TypeError(`no such strategy on this node: ${outboxKey.strategy}`);
    const ref = { holder, message: outboxKey.message };
    if (outboxKey.step !== 'send') {
      const wasAnswered = await bringReply(strategy, { holder, outboxKey });
      await this.complete({ holder, outboxKey });
      if (wasAnswered) this.silent.noteAnswer(work, null);
      return { kind: 'done', receipt: null };
    }
    const receipt = await bring(strategy, ref, lastError);
    if (receipt === null) return { kind: 'handed-over' };
    const confirmed = await strategy.confirm(holder, receipt);
    this.silent.noteAnswer(work, receipt.by);
    return { kind: 'done', receipt: confirmed };
  }

  private async complete({ holder, outboxKey }: Pick<OutboxEntry, 'holder' | 'outboxKey'>): Promise<void> {
    const { db, keyring } = this.parts.node;
    await commitRows(db, this.parts.outbox.complete(keyring.keysOf(holder), outboxKey));
  }

  /**
   * Instead of an attempt at a step whose recipient did not answer just now: it waits with the others, or its patience is
   * over. @throws what the database throws
   */
  async pass(work: OutboxEntry): Promise<void> {
    if (nextWaitUs(this.parts.patience, work, 0) === null)
      await this.giveUp(work, work.lastError ?? 'internal');
  }

  private async putOff(work: OutboxEntry, error: unknown): Promise<AttemptOutcome> {
    const { jitter, patience } = this.parts;
    // The owner went offline, or away: only its coming back can change that.
    if (error instanceof AgentOfflineError || error instanceof AgentMovedError) return { kind: 'postponed' };
    const code = codeOf(error);
    if (code === 'internal') this.warn('attempt-failed', error);
    const tried = { ...work, attempt: work.attempt + 1 };
    const wait = isPermanent(error) ? null : nextWaitUs(patience, tried, jitter());
    const isSilent = patience.kind === 'time' && wasUnanswered({ lastError: code });
    if (wait === null) {
      if (isSilent) await this.putOffBeside(tried);
      await this.giveUp(tried, code);
      return ended('failed', isSilent);
    }
    await this.postpone(tried, wait, { code, isSilent });
    return ended('postponed', isSilent);
  }

  private async postpone(
    tried: OutboxEntry,
    waitUs: number,
    { code, isSilent }: { readonly code: string; readonly isSilent: boolean },
  ): Promise<void> {
    const { node, outbox } = this.parts;
    const dueAt = node.clock.now() + waitUs;
    if (isSilent) this.silent.note(await outbox.postponeLane(tried, dueAt, code));
    else await outbox.postpone(tried, dueAt, code);
  }

  private async putOffBeside(tried: OutboxEntry): Promise<void> {
    const { jitter, node, outbox, patience } = this.parts;
    await outbox.putOffBeside(tried, node.clock.now() + waitUs(patience, tried.attempt, jitter()));
  }

  private async giveUp(work: OutboxEntry, code: string): Promise<void> {
    // Its maker has nothing to retry: it makes another statement.
    if (work.outboxKey.step === 'pin') {
      await this.complete(work);
      return;
    }
    if (!(await this.parts.outbox.fail(work, code))) return;
    const { strategy, message } = work.outboxKey;
    this.parts.node.signals.emit(work.holder, { type: 'delivery-failed', strategy, message });
  }

  private warn(event: string, error: unknown): void {
    this.parts.node.log.warn(event, { error: error instanceof Error ? error.name : typeof error });
  }
}

function ended(kind: 'failed' | 'postponed', isSilent: boolean): AttemptOutcome {
  return isSilent ? { kind, isSilent } : { kind };
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

/** How a strategy carries pins. @throws TypeError when it carries none */
export function pinsOf({ name, pins }: Pick<MessagingStrategy, 'name' | 'pins'>): PinCarrier {
  if (pins === null) throw new TypeError(`${name} carries no pins`);
  return pins;
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

/** @returns false where nothing was to be brought any more, so that nobody answered */
async function bringReply(
  strategy: MessagingStrategy,
  { holder, outboxKey: { message, step } }: Pick<OutboxEntry, 'holder' | 'outboxKey'>,
): Promise<boolean> {
  if (step === 'pin') return pinsOf(strategy).sendPin(holder, message);
  await strategy.sendReceipt({ holder, message });
  return true;
}

/** Nothing was tried, nothing left, or the recipient said no: anything else may have come after its commit. */
function mayHaveArrived(lastError: string | null): boolean {
  if (lastError === null || lastError === 'recipient-unreachable') return false;
  return !lastError.startsWith('remote-call-refused');
}
