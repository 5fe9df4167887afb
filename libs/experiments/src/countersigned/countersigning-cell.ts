import { transact } from '@musubi/database';
import {
  type AgentPubKey,
  MessageNotFoundError,
  type MessageRef,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import { type RemoteCall } from '@musubi/network';
import { decodeMessageId, encodeEnvelope, receiptEnvelope, vetMessage } from '@musubi/receipts';
import { SOURCE_CHAIN_SPACE } from '@musubi/source-chain';
import { type PromiseRef, type Promises, type PromisesParts } from './promises.js';
import { isOpen } from './session.js';
import { decodeInvitation, encodeOutcome } from './wire.js';

/** A cell's side of countersigning sessions, as other cells call it. */
export class CountersigningCell {
  constructor(
    private readonly parts: Omit<PromisesParts, 'remote'>,
    private readonly keeping: {
      readonly promises: Promises;
      /** Told when this cell has promised something, and until when its chain is locked for it. */
      readonly onPromise: (holder: AgentPubKey, endsAt: Timestamp) => void;
    },
  ) {}

  /** Vets, countersigns and locks; replies with the countersignature. @throws ChainLockedError, RecipientRefusesError */
  async prepare({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const { node, own, lock, sessionMs, chains } = this.parts;
    const { signed, ...invitation } = decodeInvitation(payload);
    vetMessage(own.notary, signed, { caller: from, callee: to, space: SOURCE_CHAIN_SPACE });
    const { message } = signed.saved;
    const held = await own.history.receiptFor(from, { holder: to, message });
    if (held === null) await node.writers.require(node.keyring.keysOf(to), from);
    const delivered = held?.receipt ?? own.countersign(signed);
    if (held === null) {
      // The caller's word is not enough to lock this chain for longer than this cell itself would.
      const latest = parseTimestamp(node.clock.now() + sessionMs * 1000);
      const endsAt = parseTimestamp(Math.min(invitation.endsAt, latest));
      const session = { peer: from, endsAt, promised: { signed, delivered } };
      await lock.take(chains, to, { message, session });
      this.keeping.onPromise(to, endsAt);
    }
    return encodeEnvelope(receiptEnvelope(delivered), node.random);
  }

  /** Commits what was promised; replies with the stored receipt. @throws MessageNotFoundError */
  async commit(call: RemoteCall): Promise<Uint8Array> {
    const stored = await this.keeping.promises.keep(promiseOf(call));
    return encodeEnvelope(receiptEnvelope(stored), this.parts.node.random);
  }

  /** Forgets a promise: its author says that it will never commit. */
  async abort(call: RemoteCall): Promise<Uint8Array> {
    await this.keeping.promises.forget(promiseOf(call));
    return new Uint8Array();
  }

  /** What became of a session with the caller. The answer holds for good: after `aborted` it cannot be committed. */
  async outcome({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const { node, sessions, sessionMs } = this.parts;
    const ref = { holder: to, message: decodeMessageId(payload) };
    const session = await sessions.find(node.db, to, ref.message);
    if (session?.peer === from) {
      if (isOpen(session, node.clock.now(), sessionMs)) return encodeOutcome('open');
      // A commit that is under way holds this row: afterwards it is either done, or can never be.
      await transact(node.db, (tx) => sessions.remove(tx, to, ref.message));
    }
    return encodeOutcome((await this.isCommitted(ref, from)) ? 'committed' : 'aborted');
  }

  private async isCommitted(ref: MessageRef, recipient: AgentPubKey): Promise<boolean> {
    try {
      return (await this.parts.own.history.findSent(ref)).message.recipient === recipient;
    } catch (error) {
      if (error instanceof MessageNotFoundError) return false;
      throw error;
    }
  }
}

function promiseOf({ from, to, payload }: RemoteCall): PromiseRef {
  return { holder: to, peer: from, message: decodeMessageId(payload) };
}
