import { type RandomBytes } from '@musubi/crypto';
import {
  type AgentPubKey,
  type MessageId,
  type SignedMessage,
  type SignedPin,
  type SignedReceipt,
} from '@musubi/messaging';
import { type RemoteCalls, requireReply } from '@musubi/network';
import {
  decodeReceiptEnvelope,
  encodeEnvelope,
  encodeMessageId,
  messageEnvelope,
  pinEnvelope,
  receiptEnvelope,
} from '@musubi/receipts';
import { REMOTE_FUNCTIONS } from './source-chain.dna.js';

/** Who calls whom. */
export interface Line {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
}

export function lineOf({ author, recipient }: SignedMessage['message']): Line {
  return { from: author, to: recipient };
}

/**
 * Another agent's cell, as it is called.
 * Every method @throws RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError
 */
export class RemoteCell {
  constructor(
    private readonly calls: RemoteCalls,
    private readonly random: RandomBytes,
  ) {}

  /** @returns the recipient's stored `delivered` receipt */
  async receiveMessage(line: Line, signed: SignedMessage): Promise<SignedReceipt> {
    const envelope = this.envelopeOf(signed);
    return decodeReceiptEnvelope(await this.call(line, REMOTE_FUNCTIONS.receiveMessage, envelope));
  }

  /** A message as it travels: each time under fresh salt. */
  envelopeOf({ message, saved }: SignedMessage): Uint8Array {
    return encodeEnvelope(messageEnvelope(message, saved), this.random);
  }

  async receiveReceipt(line: Line, receipt: SignedReceipt): Promise<void> {
    const envelope = encodeEnvelope(receiptEnvelope(receipt), this.random);
    await this.call(line, REMOTE_FUNCTIONS.receiveReceipt, envelope);
  }

  /** As a receipt: the callee tells them apart. */
  async receivePin(line: Line, pin: SignedPin): Promise<void> {
    await this.call(line, REMOTE_FUNCTIONS.receiveReceipt, encodeEnvelope(pinEnvelope(pin), this.random));
  }

  /** @returns `null` when the callee does not hold the message */
  async getReceipt(line: Line, message: MessageId): Promise<SignedReceipt | null> {
    const reply = await this.call(line, REMOTE_FUNCTIONS.getReceipt, encodeMessageId(message));
    return reply.length === 0 ? null : decodeReceiptEnvelope(reply);
  }

  /** Bytes to one of the callee's functions. @returns its reply */
  async call({ from, to }: Line, fn: string, payload: Uint8Array): Promise<Uint8Array> {
    return requireReply(await this.calls.call({ from, to, fn, payload }));
  }
}
