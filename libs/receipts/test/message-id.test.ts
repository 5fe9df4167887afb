import { describe, expect, it } from '@jest/globals';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { InvalidMessageError, type MessageDraft, parseNonce, parseTimestamp } from '@musubi/messaging';
import { decodeMessageId, encodeMessageId, messageIdOf, messageEnvelope } from '@musubi/receipts';
import fc from 'fast-check';
import { NOON, SOME_ID, draft, flipped, mallory, receiptOn } from './support/people.js';

const CHANGES: Readonly<Record<keyof MessageDraft, Partial<MessageDraft>>> = {
  author: { author: mallory.agent },
  recipient: { recipient: mallory.agent },
  payload: { payload: { type: 'text', text: 'hello!' } },
  replyTo: { replyTo: SOME_ID },
  sentAt: { sentAt: parseTimestamp(NOON + 1) },
  nonce: { nonce: parseNonce(toBase64Url(new Uint8Array(16).fill(1))) },
};

/** The same message, its fields in this order. */
function reordered(message: MessageDraft, fields: readonly (keyof MessageDraft)[]): MessageDraft {
  const entries = fields.map((field) => [field, message[field]] as const);
  return { ...message, ...Object.fromEntries(entries) };
}

describe('messageIdOf', () => {
  it('is 32 bytes as base64url', () => {
    expect(fromBase64Url(messageIdOf(draft()))).toHaveLength(32);
  });

  it('does not depend on the order of the fields', () => {
    const fields = Object.keys(CHANGES) as (keyof MessageDraft)[];
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (order) => {
        expect(messageIdOf(reordered(draft(), order))).toBe(messageIdOf(draft()));
      }),
    );
  });

  it('does not depend on the order of the fields of the payload', () => {
    expect(messageIdOf(draft({ payload: { text: 'hello', type: 'text' } }))).toBe(messageIdOf(draft()));
  });

  it.each(Object.entries(CHANGES))('depends on the %s', (_field, change) => {
    expect(messageIdOf(draft(change))).not.toBe(messageIdOf(draft()));
  });

  it('is different for every two texts', () => {
    const texts = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), {
      minLength: 2,
      maxLength: 2,
    });
    const idOf = (text: string): string => messageIdOf(draft({ payload: { type: 'text', text } }));
    fc.assert(
      fc.property(texts, ([one = '', other = '']) => {
        expect(idOf(one)).not.toBe(idOf(other));
      }),
    );
  });

  it('does not depend on what else an object carries', () => {
    const held = { ...draft(), id: SOME_ID };
    expect(messageIdOf(held)).toBe(messageIdOf(draft()));
    expect(messageEnvelope(held, receiptOn(draft())).message).toEqual(draft());
  });
});

describe('a message id in bytes', () => {
  it('comes back as the id', () => {
    expect(decodeMessageId(encodeMessageId(SOME_ID))).toBe(SOME_ID);
  });

  it('is refused unless it has 32 bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array().filter(({ length }) => length !== 32),
        (bytes) => {
          expect(() => decodeMessageId(bytes)).toThrow(InvalidMessageError);
        },
      ),
    );
  });

  it('names another message when any bit is flipped', () => {
    fc.assert(
      fc.property(fc.nat(255), (bit) => {
        expect(decodeMessageId(flipped(encodeMessageId(SOME_ID), bit))).not.toBe(SOME_ID);
      }),
    );
  });
});
