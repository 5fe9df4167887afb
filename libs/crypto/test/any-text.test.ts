import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../../test/support/any-text.js';
import {
  AgentKeys,
  MalformedBytesError,
  MINIMAL_COST,
  decodeCanonical,
  encodeCanonical,
  openLetter,
  openWithPassphrase,
  randomBytes,
  sealLetter,
  sealWithPassphrase,
} from '../src/index.js';

/** Lengths on both sides of cborg's short cuts, and of each size that a string's head has. */
const LENGTHS = [0, 1, 7, 8, 20, 21, 22, 23, 24, 28, 29, 32, 33, 200, 252, 253, 256, 65_532, 65_533, 65_536];

const keys = AgentKeys.fromSeed(randomBytes(32));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('any well-formed text', () => {
  it('comes back from canonical bytes as it was, as a value and as a key', () => {
    fc.assert(
      fc.property(anyText(), anyText(), (text, key) => {
        const encoded = encodeCanonical({ text, list: [text, key], [`key ${key}`]: text });
        expect(decodeCanonical(encoded)).toEqual({ text, list: [text, key], [`key ${key}`]: text });
      }),
      { numRuns: 1000 },
    );
  });

  it.each(LENGTHS)('comes back when it is U+FEFF and %i characters', (length) => {
    const text = `\uFEFF${'a'.repeat(length)}`;

    expect(decodeCanonical(encodeCanonical([text, { [text]: text }]))).toEqual([text, { [text]: text }]);
  });

  it('keeps each of several marks', () => {
    expect(decodeCanonical(encodeCanonical('\uFEFF\uFEFF\uFEFF'))).toBe('\uFEFF\uFEFF\uFEFF');
  });

  it('comes back from an agent’s own seal', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 2000 }), (text) => {
        const opened = keys.open(keys.seal(encodeCanonical([text]), 'test'), 'test');
        expect(decodeCanonical(opened)).toEqual([text]);
      }),
    );
  });

  it('comes back from a letter', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const letter = sealLetter({
          plaintext: encodeCanonical([text]),
          readers: [keys.signing.publicKey],
          random: randomBytes,
        });
        expect(decodeCanonical(openLetter({ letter, reader: keys.signing }))).toEqual([text]);
      }),
    );
  });

  it('opens again, as a passphrase, what it sealed', async () => {
    await fc.assert(
      fc.asyncProperty(anyText({ minLength: 1 }), async (passphrase) => {
        const sealed = await sealWithPassphrase({ secret: bytesOf('x'), passphrase, cost: MINIMAL_COST });
        expect(await openWithPassphrase({ sealed, passphrase })).toEqual(bytesOf('x'));
      }),
      { numRuns: 20 },
    );
  });
});

describe('text that is not well-formed', () => {
  it.each(['\uD800', 'a\uDC00', '\uFEFF\uDFFF'])('has no canonical bytes: %j', (text) => {
    expect(() => encodeCanonical(text)).toThrow(MalformedBytesError);
  });

  it.each([
    ['a mark cut short', [0x62, 0xef, 0xbb]],
    ['a surrogate after a mark', [0x66, 0xef, 0xbb, 0xbf, 0xed, 0xa0, 0x80]],
    ['a longer head than it needs', [0x78, 0x03, 0xef, 0xbb, 0xbf]],
  ])('is not read: %s', (_, bytes) => {
    expect(() => decodeCanonical(Uint8Array.from(bytes))).toThrow(MalformedBytesError);
  });
});
