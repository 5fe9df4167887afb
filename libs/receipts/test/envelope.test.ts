import { describe, expect, it } from '@jest/globals';
import { type Canonical, decodeCanonical, encodeCanonical, randomBytes } from '@musubi/crypto';
import { InvalidMessageError, MAX_TEXT_BYTES } from '@musubi/messaging';
import {
  decodeEnvelope,
  decodeMessageEnvelope,
  decodeReceiptEnvelope,
  encodeEnvelope,
  messageEnvelope,
  receiptEnvelope,
} from '@musubi/receipts';
import fc from 'fast-check';
import { anyText } from '../../../test/support/any-text.js';
import { SOME_ID, draft, flipped, notary, receiptOn } from './support/people.js';

const message = messageEnvelope(draft({ replyTo: SOME_ID }), receiptOn(draft({ replyTo: SOME_ID })));
const receipt = receiptEnvelope(receiptOn(draft(), { status: 'delivered' }));
const ENVELOPES = [message, receipt];

/** The envelope with one of its fields set, or taken away. */
function edited(bytes: Uint8Array, change: Readonly<Record<string, Canonical | undefined>>): Uint8Array {
  const whole = { ...(decodeCanonical(bytes) as Readonly<Record<string, Canonical>>), ...change };
  const kept = Object.entries(whole).filter((entry): entry is [string, Canonical] => entry[1] !== undefined);
  return encodeCanonical(Object.fromEntries(kept));
}

describe('an envelope', () => {
  it.each(ENVELOPES)('gives back the $kind that it holds', (envelope) => {
    expect(decodeEnvelope(encodeEnvelope(envelope, randomBytes))).toEqual(envelope);
  });

  it('gives back any text', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1 }), (text) => {
        const said = draft({ payload: { type: 'text', text } });
        const envelope = messageEnvelope(said, receiptOn(said));
        expect(decodeMessageEnvelope(encodeEnvelope(envelope, randomBytes))).toEqual(envelope);
      }),
    );
  });

  it('holds a receipt that still verifies', () => {
    const opened = decodeReceiptEnvelope(encodeEnvelope(receipt, randomBytes));
    expect(() => {
      notary.verifyReceipt(opened, draft());
    }).not.toThrow();
  });

  it.each(ENVELOPES)('of one $kind is other bytes each time', (envelope) => {
    const [one, other] = [encodeEnvelope(envelope, randomBytes), encodeEnvelope(envelope, randomBytes)];
    expect(one).not.toEqual(other);
  });

  it('has the same size each time', () => {
    expect(encodeEnvelope(message, randomBytes)).toHaveLength(encodeEnvelope(message, randomBytes).length);
  });

  it('takes its salt from the randomness that it is handed', () => {
    const fixed = (size: number): Uint8Array => new Uint8Array(size).fill(5);
    expect(encodeEnvelope(message, fixed)).toEqual(encodeEnvelope(message, fixed));
  });
});

describe('a malformed envelope', () => {
  const bytes = encodeEnvelope(message, randomBytes);

  it('is refused whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => decodeEnvelope(noise)).toThrow(InvalidMessageError);
      }),
    );
  });

  it('is refused when it is cut short anywhere', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => decodeEnvelope(bytes.subarray(0, length))).toThrow(InvalidMessageError);
      }),
    );
  });

  it('is refused when something follows it', () => {
    expect(() => decodeEnvelope(Buffer.concat([bytes, Uint8Array.of(0)]))).toThrow(InvalidMessageError);
  });

  it.each([
    ['no salt', { salt: undefined }],
    ['a salt that is text', { salt: 'salt' }],
    ['another kind', { kind: 'parcel' }],
    ['no message', { message: undefined }],
    ['no receipt', { saved: undefined }],
    ['a field too many', { more: 1 }],
    ['a message that is none', { message: { text: 'hello' } }],
    ['a receipt beside the message', { receipt: { ...receipt.receipt } }],
  ])('is refused with %s', (_what, change) => {
    expect(() => decodeEnvelope(edited(bytes, change))).toThrow(InvalidMessageError);
  });

  it('is refused with a text that is too long', () => {
    const said = draft({ payload: { type: 'text', text: 'x'.repeat(MAX_TEXT_BYTES + 1) } });
    const long = encodeEnvelope(messageEnvelope(said, receiptOn(said)), randomBytes);
    expect(() => decodeEnvelope(long)).toThrow(InvalidMessageError);
  });

  it('is refused, or says something else that is not signed, when any bit is flipped', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const verdict = (): void => {
          const opened = decodeMessageEnvelope(flipped(bytes, bit));
          notary.verifyMessage(opened);
          // Only the salt is left, which nobody signs.
          expect(opened).toEqual(message);
          throw new InvalidMessageError('salt');
        };
        expect(verdict).toThrow(InvalidMessageError);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the wrong kind of envelope', () => {
  it('is refused where a message is wanted', () => {
    expect(() => decodeMessageEnvelope(encodeEnvelope(receipt, randomBytes))).toThrow('holds no message');
  });

  it('is refused where a receipt is wanted', () => {
    expect(() => decodeReceiptEnvelope(encodeEnvelope(message, randomBytes))).toThrow('holds no receipt');
  });
});
