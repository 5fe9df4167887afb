import { type AtCommit, type NodeContext, type SourceChains } from '@musubi/cell';
import { transact } from '@musubi/database';
import { type MessageLog } from '@musubi/history';
import {
  type AgentPubKey,
  CallerNotAuthorError,
  type MessageId,
  MessageNotFoundError,
  type SignedReceipt,
} from '@musubi/messaging';
import { encodeMessageId } from '@musubi/receipts';
import { type RemoteCell } from '@musubi/source-chain';
import { type HookedCommits } from '../hooked-commits.js';
import { type ChainLock } from './chain-lock.js';
import { type Promised, isOpen } from './session.js';
import { type SessionStore } from './session.store.js';
import { COUNTERSIGNING_FUNCTIONS, decodeOutcome } from './wire.js';

export interface PromisesParts {
  readonly node: NodeContext;
  readonly own: MessageLog;
  readonly remote: RemoteCell;
  readonly chains: SourceChains;
  readonly commits: HookedCommits;
  readonly sessions: SessionStore;
  readonly lock: ChainLock;
  /** How long a chain may stay locked for one session, in milliseconds. */
  readonly sessionMs: number;
}

/** A promise of the holder's to a peer, who wrote the message. */
export interface PromiseRef {
  readonly holder: AgentPubKey;
  readonly peer: AgentPubKey;
  readonly message: MessageId;
}

/** What recipients have promised to commit: kept or forgotten on their author's word, and on nothing else. */
export class Promises {
  constructor(private readonly parts: PromisesParts) {}

  /** Commits what was promised. @returns the stored receipt @throws MessageNotFoundError */
  async keep(ref: PromiseRef): Promise<SignedReceipt> {
    const { own, sessions, lock, commits } = this.parts;
    const { holder, message } = ref;
    const promised = await this.find(ref);
    if (promised === null) {
      const held = await own.history.receiptFor(ref.peer, { holder, message });
      if (held === null) throw new MessageNotFoundError('nothing was promised');
      return held.receipt;
    }
    const endSession: AtCommit = async (tx) => {
      await sessions.remove(tx, holder, message);
    };
    const { signed, delivered } = promised;
    const accepted = await lock.within(message, () =>
      commits.withHook(endSession, () => own.accept(signed, { delivered })),
    );
    return accepted.receipt;
  }

  async forget(ref: PromiseRef): Promise<void> {
    const { node, sessions } = this.parts;
    if ((await this.find(ref)) === null) return;
    await transact(node.db, (tx) => sessions.remove(tx, ref.holder, ref.message));
  }

  /** Asks the authors of all promises whose session has ended what became of them. */
  async recoverInterrupted(holder: AgentPubKey): Promise<void> {
    const { node, sessions, sessionMs } = this.parts;
    for (const { session } of await sessions.list(node.db, holder)) {
      if (session.promised === null || isOpen(session, node.clock.now(), sessionMs)) continue;
      await this.settleOne({ holder, peer: session.peer, message: session.promised.delivered.message });
    }
  }

  private async settleOne(ref: PromiseRef): Promise<void> {
    const line = { from: ref.holder, to: ref.peer };
    try {
      const reply = await this.parts.remote.call(
        line,
        COUNTERSIGNING_FUNCTIONS.outcome,
        encodeMessageId(ref.message),
      );
      const outcome = decodeOutcome(reply);
      if (outcome === 'committed') await this.keep(ref);
      if (outcome === 'aborted') await this.forget(ref);
    } catch {
      // The author cannot be asked now. The promise stands; no chain is locked for it any more.
      this.parts.node.log.warn('countersigning-in-doubt');
    }
  }

  private async find({ holder, peer, message }: PromiseRef): Promise<Promised | null> {
    const session = await this.parts.sessions.find(this.parts.node.db, holder, message);
    if (session?.promised == null) return null;
    if (session.peer !== peer) throw new CallerNotAuthorError('the caller did not write this message');
    return session.promised;
  }
}
