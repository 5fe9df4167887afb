import {
  type OpeningReceipts,
  decodeReceiptEnvelope,
  encodeEnvelope,
  encodeMessageId,
  messageLetter,
} from '@musubi/receipts';
import { type Correspondence } from '@musubi/history';
import { transact } from '@musubi/database';
import {
  type AgentPubKey,
  CountersigningEndedError,
  type MessageDraft,
  type MessageId,
  type MessageRef,
  MessagingError,
  type SignedMessage,
  type SignedReceipt,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import { type Unserve, serveReporting } from '@musubi/network';
import { CountersigningCell } from '../countersigning/countersigning-cell.js';
import { Promises, type PromisesParts } from '../countersigning/promises.js';
import { COUNTERSIGNING_FUNCTIONS, encodeInvitation } from '../countersigning/wire.js';
import { type Line, lineOf } from '../remote-cell.js';
import { type SendingProtocol } from './sending-protocol.js';
import { sentMessage } from './sent-message.js';

/**
 * Both chains are locked for a session of bounded length, and both commit or none: the recipient promises, the
 * author decides by committing, and a recipient that was not told asks. While a session is open nobody else
 * writes either chain; while an author that decided is away, its recipient cannot know.
 */
export class CountersignedProtocol implements SendingProtocol {
  private readonly own: Correspondence;
  private readonly promises: Promises;
  /** Each with what ends it: one signal for all of them would gather a listener for every promise. */
  private readonly watches = new Map<AbortController, Promise<void>>();
  private isEnding = false;

  constructor(private readonly parts: PromisesParts) {
    this.own = parts.own;
    this.promises = new Promises(parts);
  }

  /** @throws ChainLockedError, CountersigningEndedError, or what the remote call threw, with nothing committed */
  async save(draft: MessageDraft): Promise<SignedReceipt> {
    const receipts = await this.own.open(draft);
    const [saved] = receipts;
    const isHeld = await this.own.history.has({ holder: draft.author, message: saved.message });
    if (isHeld || draft.author === draft.recipient) return this.own.save(draft, { receipts });
    await this.prepare({ message: draft, saved });
    const stored = await this.decide(draft, receipts);
    await this.conclude(draft, saved.message);
    return stored;
  }

  /** The decision is made: the recipient need only be told, as often as it takes. */
  async send(ref: MessageRef): Promise<SignedReceipt> {
    const { delivered, message } = await sentMessage(this.own, ref);
    return delivered ?? this.tell(lineOf(message), ref.message);
  }

  async receive(signed: SignedMessage): Promise<SignedReceipt> {
    return (await this.own.accept(signed)).receipt;
  }

  wake(agent: AgentPubKey): Promise<void> {
    return this.promises.settle(agent);
  }

  serve(): Unserve {
    const { node } = this.parts;
    const watch = (holder: AgentPubKey, endsAt: Timestamp): void => {
      const ending = new AbortController();
      const watching = this.settleAt(holder, endsAt, ending.signal);
      this.watches.set(ending, watching);
      void watching.finally(() => this.watches.delete(ending));
    };
    const cell = new CountersigningCell(this.parts, { promises: this.promises, onPromise: watch });
    const unserve = [
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.prepare, (call) => cell.prepare(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.commit, (call) => cell.commit(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.abort, (call) => cell.abort(call)),
      serveReporting(node, COUNTERSIGNING_FUNCTIONS.outcome, (call) => cell.outcome(call)),
    ];
    return () => {
      for (const stop of unserve) stop();
      this.isEnding = true;
      for (const ending of this.watches.keys()) ending.abort();
    };
  }

  /** The promises that are open stay so until their session ends, or this protocol does. */
  async settle(): Promise<void> {
    if (this.isEnding) await Promise.all(this.watches.values());
  }

  /** Locks the author's chain, then the recipient's. A failure unlocks both, at once or when the session ends. */
  private async prepare({ message, saved }: SignedMessage): Promise<void> {
    const { node, lock, remote, sessionMs } = this.parts;
    const endsAt = parseTimestamp(node.clock.now() + sessionMs * 1000);
    const line = lineOf(message);
    await lock.take(line.from, saved.message, { peer: line.to, endsAt, promised: null });
    try {
      const envelope = encodeEnvelope(messageLetter(message, saved), node.random);
      const invitation = encodeInvitation(envelope, endsAt);
      const reply = await remote.call(line, COUNTERSIGNING_FUNCTIONS.prepare, invitation);
      this.own.notary.verifyReceipt(decodeReceiptEnvelope(reply), message);
    } catch (error) {
      await this.giveUp(line, saved.message);
      throw error;
    }
  }

  /** The commit that decides: it ends the author's session, and cannot be made once that was ended for it. */
  private async decide(draft: MessageDraft, receipts: OpeningReceipts): Promise<SignedReceipt> {
    const { lock, sessions } = this.parts;
    const [{ message }] = receipts;
    const within = async (tx: Parameters<typeof sessions.remove>[0]): Promise<void> => {
      if (await sessions.remove(tx, draft.author, message)) return;
      throw new CountersigningEndedError('the session ended before it was committed');
    };
    try {
      return await lock.within(message, () => this.own.save(draft, { receipts, within }));
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

  private async settleAt(holder: AgentPubKey, endsAt: Timestamp, ending: AbortSignal): Promise<void> {
    const { clock, keyring } = this.parts.node;
    await clock.sleep(Math.max(0, endsAt - clock.now()) / 1000, ending);
    if (!ending.aborted && keyring.isOnline(holder)) await this.promises.settle(holder);
  }
}
