import { type EntryRecord, type SourceChains, type Writers } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { commitRows } from '@musubi/database';
import { type MessageLog } from '@musubi/history';
import {
  type AgentPubKey,
  CallerNotAuthorError,
  InvalidMessageError,
  InvalidRecordError,
  type MessageFile,
  NotJoinedError,
  type SignedReceipt,
} from '@musubi/messaging';
import { type RemoteCall } from '@musubi/network';
import { decodeMessageId, vetMessage, vetPin, vetReceipt } from '@musubi/receipts';
import { type CloneEntriesPlacement, openFromPair } from './clone-entries.placement.js';
import { type CloneStore } from './clone.store.js';
import { integratedRows, unforked } from './integrated-record.store.js';
import { verifyMembraneProof } from './membrane-proof.js';
import { type Pair, pairOf } from './pair.js';
import { decodeBundle, encodeBundle, entryRecords, recordsOf } from './record-bundle.js';
import { ReplyRecords } from './reply-records.js';

interface PairCellParts {
  readonly own: MessageLog;
  readonly clones: CloneStore;
  readonly placement: CloneEntriesPlacement;
  readonly chains: SourceChains;
  readonly writers: Pick<Writers, 'admitWithin' | 'require' | 'wasRefused'>;
  keysOf(agent: AgentPubKey): AgentKeys;
}

/** What a cell of a clone answers when the other member's cell calls it; CloneDisabledError when it is switched off. */
export class PairCell {
  private readonly replies = new ReplyRecords();

  constructor(private readonly parts: PairCellParts) {}

  /**
   * Accepts an invitation: the payload is the membrane proof that the opener signed for this agent. One that may not
   * write opens none. In a clone that there is it is welcome: receipts come that way.
   */
  async joinClone({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const keys = this.parts.keysOf(to);
    const pair = pairOf(keys, from);
    verifyMembraneProof(payload, { space: pair.space, member: to }, from);
    const { clones, writers } = this.parts;
    if (writers.wasRefused(keys, from) && (await clones.find(keys, pair)) === null)
      await writers.require(keys, from);
    const clone = await clones.open(keys, pair, {
      proof: payload,
      isPeerJoined: true,
      isInvited: true,
      admit: (tx) => writers.admitWithin(tx, keys, from),
    });
    await this.parts.placement.startCell(keys, pair, clone);
    await clones.markPeerJoined(keys, pair);
    return new Uint8Array();
  }

  /** Integrates the peer's records. Replies with this agent's own records that they gave rise to. */
  async integrateRecords({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const pair = await this.requireJoined(to, from);
    const replies: EntryRecord[] = [];
    for (const record of decodeBundle(payload)) replies.push(...(await this.take(pair, record)));
    return encodeBundle(replies);
  }

  /** The file of the message in a record that is about to be integrated. Writes nothing. */
  async vetFile({ from, to }: RemoteCall, bundle: Uint8Array): Promise<MessageFile> {
    const pair = await this.requireJoined(to, from);
    const [record] = decodeBundle(bundle);
    const letter = record === undefined ? null : openRecord(pair, record);
    if (letter?.kind !== 'message' || letter.message.payload.type !== 'file')
      throw new InvalidMessageError('the record carries no message with a file');
    vetMessage(this.parts.own.notary, letter, { caller: from, callee: to, space: pair.space });
    return letter.message.payload.file;
  }

  /** This agent's record of its highest receipt for a message of the caller's; none when it has no such message. */
  async getReceipt({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const keys = this.parts.keysOf(to);
    await this.parts.clones.find(keys, pairOf(keys, from));
    const held = await this.parts.own.history.receiptFor(from, {
      holder: to,
      message: decodeMessageId(payload),
    });
    return encodeBundle(held === null ? [] : await recordsOf(this.parts.own.sent, keys, held));
  }

  /**
   * A peer's record that carries a receipt: it is integrated when the receipt is confirmed, and before where too many
   * wait for that. @returns the receipt, its signature unchecked
   */
  async takeReceipt(pair: Pair, record: EntryRecord): Promise<SignedReceipt> {
    const letter = openRecord(pair, record);
    if (letter.kind !== 'receipt') throw new InvalidRecordError('the record carries no receipt');
    const rows = integratedRows(pair.holder, record);
    const { db } = this.parts.own.history;
    const isKept = this.replies.keep(this.parts.keysOf(pair.holder), letter.receipt, rows);
    if (!isKept) await unforked(() => commitRows(db, rows));
    return letter.receipt;
  }

  /** Confirms a receipt of the peer's, and integrates the record that brought it. @returns the stored receipt */
  async confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    const keys = this.parts.keysOf(author);
    const rows = this.replies.rowsOf(keys, receipt);
    const stored = await unforked(() => this.parts.own.confirm(author, receipt, rows));
    this.replies.forget(keys, receipt);
    return stored;
  }

  private async take(pair: Pair, record: EntryRecord): Promise<readonly EntryRecord[]> {
    const letter = openRecord(pair, record);
    const handIn = { caller: pair.peer, callee: pair.holder, space: pair.space };
    const rows = integratedRows(pair.holder, record);
    if (letter.kind === 'receipt') {
      vetReceipt(letter.receipt, handIn);
      await unforked(() => this.parts.own.confirm(pair.holder, letter.receipt, rows));
      return [];
    }
    if (letter.kind === 'pin') {
      vetPin(letter.pin, handIn);
      await unforked(() => this.parts.own.pins.accept(pair.holder, letter.pin, rows));
      return [];
    }
    vetMessage(this.parts.own.notary, letter, handIn);
    const { receipt, actions } = await unforked(() => this.parts.own.accept(letter, { rows }));
    if (actions !== null) return entryRecords(actions);
    const ref = { holder: pair.holder, message: receipt.message };
    const delivered = await this.parts.own.history.receipt(ref, 'delivered');
    return recordsOf(this.parts.own.sent, this.parts.keysOf(pair.holder), delivered);
  }

  private async requireJoined(holder: AgentPubKey, peer: AgentPubKey): Promise<Pair> {
    const keys = this.parts.keysOf(holder);
    const pair = pairOf(keys, peer);
    if ((await this.parts.clones.find(keys, pair)) === null) {
      throw new NotJoinedError('this agent has not joined the clone');
    }
    return pair;
  }
}

/** @throws InvalidRecordError, CallerNotAuthorError, InvalidMessageError */
function openRecord(pair: Pair, record: EntryRecord): ReturnType<typeof openFromPair> {
  const { author, space } = record.signed.action;
  if (space !== pair.space) throw new InvalidRecordError('the record is of another space');
  if (author !== pair.peer) throw new CallerNotAuthorError('the caller did not write this record');
  return openFromPair(pair, record.content);
}
