import { describe, expect, it } from '@jest/globals';
import { AgentKeys, encodeCanonical, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseSignature } from '@musubi/messaging';
import { ReceiptNotary, messageIdOf, receiptBytes } from '@musubi/receipts';
import { vector } from './support/vectors.js';

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const author = AgentKeys.fromSeed(fromHex(vector.authorSeed));
const recipient = AgentKeys.fromSeed(fromHex(vector.recipientSeed));
const keysOf = (agent: AgentPubKey): AgentKeys => (agent === author.agent ? author : recipient);

describe('the frozen message', () => {
  it('is between the agents of the frozen seeds', () => {
    expect([vector.message.author, vector.message.recipient]).toEqual([author.agent, recipient.agent]);
  });

  it('has the frozen canonical bytes', () => {
    const { author: by, recipient: to, payload, replyTo, sentAt, nonce } = vector.message;
    const bytes = encodeCanonical({ author: by, recipient: to, payload, replyTo, sentAt, nonce });
    expect(Buffer.from(bytes).toString('hex')).toBe(vector.canonicalMessage);
  });

  it('has the frozen id', () => {
    expect(messageIdOf(vector.message)).toBe(vector.messageId);
  });
});

describe.each(vector.receipts)('the frozen receipt that says $signed.status', ({ signed, bytes }) => {
  const { signature, ...receipt } = signed;

  it('is signed over the frozen bytes', () => {
    expect(Buffer.from(receiptBytes(receipt)).toString('hex')).toBe(bytes);
  });

  it('has the frozen signature', () => {
    const made = keysOf(receipt.by).sign(receiptBytes(receipt));
    expect(parseSignature(toBase64Url(made))).toBe(signature);
  });

  it('is the same when the notary signs it', () => {
    expect(new ReceiptNotary({ keysOf }).signReceipt(receipt)).toEqual(signed);
  });

  it('verifies', () => {
    expect(() => {
      new ReceiptNotary({ keysOf }).verifyReceipt(signed, vector.message);
    }).not.toThrow();
  });
});
