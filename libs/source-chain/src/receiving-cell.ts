import { type RandomBytes } from '@musubi/crypto';
import { type MessageLog } from '@musubi/history';
import {
  InvalidMessageError,
  type MessageFile,
  type SignedMessage,
  type SignedPin,
  type SignedReceipt,
} from '@musubi/messaging';
import { type RemoteCall } from '@musubi/network';
import {
  decodeEnvelope,
  decodeMessageEnvelope,
  decodeMessageId,
  encodeEnvelope,
  receiptEnvelope,
  vetMessage,
  vetPin,
  vetReceipt,
} from '@musubi/receipts';
import { SOURCE_CHAIN_SPACE } from './source-chain.dna.js';

interface ReceivingParts {
  readonly own: MessageLog;
  /** Commits a vetted message. @returns the stored `delivered` receipt */
  readonly accept: (signed: SignedMessage) => Promise<SignedReceipt>;
  readonly random: RandomBytes;
}

/** What a cell answers when another agent's cell calls it. Everything is vetted before anything is written. */
export class ReceivingCell {
  constructor(private readonly parts: ReceivingParts) {}

  /** Commits the message and `delivered`; replies with the stored receipt, the first time and every time. */
  async receiveMessage(call: RemoteCall): Promise<Uint8Array> {
    const signed = this.vet(call, call.payload);
    return encodeEnvelope(receiptEnvelope(await this.parts.accept(signed)), this.parts.random);
  }

  /** The file of a message that is about to be delivered. Writes nothing. */
  vetFile(call: RemoteCall, announcement: Uint8Array): MessageFile {
    const { payload } = this.vet(call, announcement).message;
    if (payload.type !== 'file') throw new InvalidMessageError('the message has no file');
    return payload.file;
  }

  private vet({ from, to }: RemoteCall, envelope: Uint8Array): SignedMessage {
    const signed = decodeMessageEnvelope(envelope);
    vetMessage(this.parts.own.notary, signed, { caller: from, callee: to, space: SOURCE_CHAIN_SPACE });
    return signed;
  }

  /**
   * Commits a receipt to a message that this agent wrote, and replies with the stored one. A statement on a pin comes the same
   * way: a node that knows of no pins refuses it for good, where it would seem to be away for a function that it does not serve.
   */
  async receiveReceipt(call: RemoteCall): Promise<Uint8Array> {
    const { from, to, payload } = call;
    const letter = decodeEnvelope(payload);
    if (letter.kind === 'pin') return this.receivePin(call, letter.pin);
    if (letter.kind === 'message') throw new InvalidMessageError('the envelope holds no receipt');
    const { receipt } = letter;
    vetReceipt(receipt, { caller: from, callee: to, space: SOURCE_CHAIN_SPACE });
    return encodeEnvelope(receiptEnvelope(await this.parts.own.confirm(to, receipt)), this.parts.random);
  }

  /** Commits a statement on a pin of a message that the two hold, unless a later one holds. */
  private async receivePin({ from, to }: RemoteCall, pin: SignedPin): Promise<Uint8Array> {
    vetPin(pin, { caller: from, callee: to, space: SOURCE_CHAIN_SPACE });
    await this.parts.own.pins.accept(to, pin);
    return new Uint8Array();
  }

  /** The highest receipt for a message of the caller's; empty bytes when this agent does not hold it. */
  async getReceipt({ from, to, payload }: RemoteCall): Promise<Uint8Array> {
    const held = await this.parts.own.history.receiptFor(from, {
      holder: to,
      message: decodeMessageId(payload),
    });
    return held === null
      ? new Uint8Array()
      : encodeEnvelope(receiptEnvelope(held.receipt), this.parts.random);
  }
}
