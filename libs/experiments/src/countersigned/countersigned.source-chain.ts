import { type AtCommit, type NodeContext } from '@musubi/cell';
import { type Rows, transact } from '@musubi/database';
import {
  type AgentPubKey,
  CountersigningEndedError,
  type MessageDraft,
  type MessageId,
  MessagingError,
  type SignedMessage,
  type SignedReceipt,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import { type StopServing, serveReporting } from '@musubi/network';
import {
  type OpeningReceipts,
  decodeReceiptEnvelope,
  encodeEnvelope,
  encodeMessageId,
  messageEnvelope,
} from '@musubi/receipts';
import { type Line, type SourceChainOptions, SourceChainStrategy, lineOf } from '@musubi/source-chain';
import { HookedCommits } from '../hooked-commits.js';
import { ChainLock } from './chain-lock.js';
import { CountersigningCell } from './countersigning-cell.js';
import { Promises, type PromisesParts } from './promises.js';
import { isOpen } from './session.js';
import { SessionStore } from './session.store.js';
import { COUNTERSIGNING_FUNCTIONS, encodeInvitation } from './wire.js';

/**
 * Both chains are locked for a session of bounded length, and both commit or none: the recipient promises, the
 * author decides by committing, and a recipient that was not told asks. While a session is open nobody else
 * writes either chain; while an author that decided is away, its recipient cannot know.
 */
export class CountersignedSourceChain extends SourceChainStrategy {
  override readonly activate = (agent: AgentPubKey): Promise<void> => this.promises.recoverInterrupted(agent);
  private readonly parts: PromisesParts;
  private readonly promises: Promises;
  /** Each with what ends it: one signal for all of them would gather a listener for every promise. */
  private readonly watches = new Map<AbortController, Promise<void>>();
  private readonly serving: StopServing[] = [];

  /** `sessionMs`: how long both chains stay locked for a message at most, in milliseconds. */
  constructor(node: NodeContext, sessionMs: number, options: SourceChainOptions = {}) {
    const sessions = new SessionStore(node);
    const lock = new ChainLock(node, sessions, sessionMs);
    const commits = new HookedCommits(node.commits);
    // While a session is open, its two chains are locked.
    const guarantees = { ...options.guarantees, concurrentReceive: false, concurrentSave: false };
    super({ ...node, commits: lock.guard(commits) }, { ...options, guarantees });
    const { own, remote, chains } = this;
    this.parts = { node, own, remote, chains, sessions, lock, commits, sessionMs };
    this.promises = new Promises(this.parts);
  }

  /** @throws ChainLockedError, CountersigningEndedError, or what the remote call threw, with nothing committed */
  override async save(draft: MessageDraft, rows?: readonly Rows[]): Promise<SignedReceipt> {
    const receipts = await this.own.open(draft);
    const [saved] = receipts;
    const isHeld = await this.own.history.has({ holder: draft.author, message: saved.message });
    if (isHeld || draft.author === draft.recipient) return this.own.save(draft, { receipts, rows });
    await this.prepare({ message: draft, saved });
    const stored = await this.decide(draft, receipts, rows);
    await this.conclude(draft, saved.message);
    return stored;
  }

  override async init(): Promise<void> {
    await super.init();
    const { node, promises, parts } = this;
    const onPromise = (holder: AgentPubKey, endsAt: Timestamp): void => {
      this.watch(holder, endsAt);
    };
    const cell = new CountersigningCell(parts, { promises, onPromise });
    this.serving.push(
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.prepare, (call) => cell.prepare(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.commit, (call) => cell.commit(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.abort, (call) => cell.abort(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.outcome, (call) => cell.outcome(call)),
    );
  }

  /** The promises that are open stay so. */
  override async destroy(): Promise<void> {
    for (const stop of this.serving.splice(0)) stop();
    for (const ending of this.watches.keys()) ending.abort();
    await super.destroy();
    await Promise.all(this.watches.values());
  }

  /** The decision is made: the recipient need only be told, as often as it takes. */
  protected override bring({ message, saved }: SignedMessage): Promise<SignedReceipt> {
    return this.tell(lineOf(message), saved.message);
  }

  /** Locks the author's chain, then the recipient's. A failure unlocks both, at once or when the session ends. */
  private async prepare({ message, saved }: SignedMessage): Promise<void> {
    const { node, lock, remote, sessionMs, chains } = this.parts;
    const endsAt = parseTimestamp(node.clock.now() + sessionMs * 1000);
    const line = lineOf(message);
    const session = { peer: line.to, endsAt, promised: null };
    await lock.take(chains, line.from, { message: saved.message, session });
    try {
      const envelope = encodeEnvelope(messageEnvelope(message, saved), node.random);
      const invitation = encodeInvitation(envelope, endsAt);
      const reply = await remote.call(line, COUNTERSIGNING_FUNCTIONS.prepare, invitation);
      this.own.notary.verifyReceipt(decodeReceiptEnvelope(reply), message);
    } catch (error) {
      await this.giveUp(line, saved.message);
      throw error;
    }
  }

  /** The commit that decides: it ends the author's session, and cannot be made once that was ended for it. */
  private async decide(
    draft: MessageDraft,
    receipts: OpeningReceipts,
    rows: readonly Rows[] | undefined,
  ): Promise<SignedReceipt> {
    const { lock, sessions, commits } = this.parts;
    const [{ message }] = receipts;
    const endSession: AtCommit = async (tx) => {
      if (await sessions.remove(tx, draft.author, message)) return;
      throw new CountersigningEndedError('the session ended before it was committed');
    };
    try {
      return await lock.within(message, () =>
        commits.withHook(endSession, () => this.own.save(draft, { receipts, rows })),
      );
    } catch (error) {
      await this.giveUp(lineOf(draft), message);
      throw error;
    }
  }

  /** A failure here leaves `saved`: the recipient is told later, or asks. */
  private async conclude(draft: MessageDraft, message: MessageId): Promise<void> {
    try {
      await this.own.confirm(draft.author, await this.tell(lineOf(draft), message));
    } catch {
      this.parts.node.log.warn('countersigning-untold');
    }
  }

  private async tell(line: Line, message: MessageId): Promise<SignedReceipt> {
    const { remote } = this.parts;
    const reply = await remote.call(line, COUNTERSIGNING_FUNCTIONS.commit, encodeMessageId(message));
    return decodeReceiptEnvelope(reply);
  }

  /** First it is made impossible here; then the recipient, if it can be told, need not wait for the end. */
  private async giveUp(line: Line, message: MessageId): Promise<void> {
    const { node, remote, sessions } = this.parts;
    // Without a session to end, it may have been committed after all: then the recipient must not forget.
    if (!(await transact(node.db, (tx) => sessions.remove(tx, line.from, message)))) return;
    try {
      await remote.call(line, COUNTERSIGNING_FUNCTIONS.abort, encodeMessageId(message));
    } catch (error) {
      if (!(error instanceof MessagingError)) throw error;
    }
  }

  private watch(holder: AgentPubKey, endsAt: Timestamp): void {
    const ending = new AbortController();
    const watching = this.settleAt(holder, endsAt, ending.signal);
    this.watches.set(ending, watching);
    void watching.finally(() => this.watches.delete(ending));
  }

  /** A clock that was set back meanwhile may leave it open: then it is waited for again. */
  private async settleAt(holder: AgentPubKey, endsAt: Timestamp, ending: AbortSignal): Promise<void> {
    const { node, sessionMs } = this.parts;
    for (let now = node.clock.now(); isOpen({ endsAt }, now, sessionMs); now = node.clock.now()) {
      await node.clock.sleep((endsAt - now) / 1000, ending);
      if (ending.aborted) return;
    }
    if (node.keyring.isOnline(holder)) await this.promises.recoverInterrupted(holder);
  }
}
