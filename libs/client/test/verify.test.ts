import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Message, type Receipt, UnverifiedMessageError, verifyMessage } from '@musubi/client';
import { toBase64Url } from '../src/base64url.js';
import { messageHash } from '../src/signed-bytes.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'verifying.md'), 'utf8');
const vector = JSON.parse(/```json\n([^`]*)```/.exec(page)?.[1] ?? '') as Message;
const STRANGER = 'Cg'.padEnd(43, 'A');
/** The neutral element, as a public key: it makes signatures that are valid for several messages. */
const SMALL_ORDER = 'AQ'.padEnd(43, 'A');

const reasonOf = (message: Message): string => {
  try {
    verifyMessage(message);
    return 'proven';
  } catch (error) {
    if (error instanceof UnverifiedMessageError) return error.reason;
    throw error;
  }
};

const withReceipt = (index: number, change: Partial<Receipt>): Message => ({
  ...vector,
  receipts: vector.receipts.map((receipt, at) => (at === index ? { ...receipt, ...change } : receipt)),
});
const flipped = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

describe('the test vector of the documentation', () => {
  it('is proven', () => {
    expect(reasonOf(vector)).toBe('proven');
  });

  it('is proven at each earlier status', () => {
    const earlier: readonly Message['status'][] = ['saved', 'delivered', 'read'];

    expect(
      earlier.map((status, index) =>
        reasonOf({ ...vector, status, receipts: vector.receipts.slice(0, index + 1) }),
      ),
    ).toEqual(['proven', 'proven', 'proven']);
  });

  it('is proven as failed while the author alone has signed', () => {
    expect(reasonOf({ ...vector, status: 'failed', receipts: vector.receipts.slice(0, 1) })).toBe('proven');
    expect(reasonOf({ ...vector, status: 'failed' })).toBe('a status without a receipt');
  });
});

describe('a message with one value changed', () => {
  it.each<[string, Partial<Message>]>([
    ['text', { payload: { type: 'text', text: 'hello, Eve' } }],
    ['author', { author: STRANGER }],
    ['recipient', { recipient: STRANGER }],
    ['answered message', { replyTo: null }],
    ['time', { sentAt: '2025-11-23T12:13:20.000124Z' }],
    ['nonce', { nonce: flipped(vector.nonce) }],
    ['id', { id: flipped(vector.id) }],
  ])('is not proven: %s', (_, change) => {
    expect(reasonOf({ ...vector, ...change })).toBe('the id is for another message');
  });

  it.each<[string, Partial<Receipt>]>([
    ['signature', { signature: flipped(vector.receipts[1]?.signature ?? '') }],
    ['signature that is none', { signature: 'AA' }],
    ['time', { at: '2025-11-23T12:13:21.000001Z' }],
    ['space', { space: STRANGER }],
    ['status', { status: 'read' }],
  ])('is not proven: the %s of a receipt', (_, change) => {
    expect(reasonOf(withReceipt(1, change))).toMatch(/not what was signed$/);
  });

  it('is not proven when someone else signed', () => {
    expect(reasonOf(withReceipt(1, { by: vector.author }))).toBe('delivered: not for this message');
  });

  it('is not proven without a signature of the author', () => {
    expect(reasonOf({ ...vector, receipts: vector.receipts.slice(1) })).toBe('the author has not signed it');
    expect(reasonOf({ ...vector, receipts: [] })).toBe('the author has not signed it');
  });

  it('is not proven as more than its receipts say', () => {
    expect(reasonOf({ ...vector, receipts: vector.receipts.slice(0, 2) })).toBe('a status without a receipt');
  });

  it.each<[string, object]>([
    ['a time that is none', { sentAt: 'yesterday' }],
    ['a time with too few digits', { sentAt: '2025-11-23T12:13:20Z' }],
    ['a text that is not well-formed', { payload: { type: 'text', text: '\ud800' } }],
    ['a payload that is a number', { payload: { type: 'text', text: 1.5 } }],
    ['no payload', { payload: undefined }],
    ['no receipts', { receipts: undefined }],
  ])('is not proven, and nothing else goes wrong: %s', (_, change) => {
    expect(reasonOf({ ...vector, ...change })).not.toBe('proven');
  });
});

it('takes no signature of a key of small order, as the service does not', () => {
  const whole: Message = { ...vector, author: SMALL_ORDER, status: 'saved' };
  const id = toBase64Url(messageHash(whole));
  // R is the neutral element and S is 0: valid for every message, but for the rule on such keys.
  const signature = 'AQ'.padEnd(86, 'A');
  const receipts = vector.receipts
    .slice(0, 1)
    .map((one) => ({ ...one, message: id, by: SMALL_ORDER, signature }));

  expect(reasonOf({ ...whole, id, receipts })).toBe('saved: not what was signed');
});
