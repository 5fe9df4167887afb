import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Canonical,
  MalformedBytesError,
  OrderPreservingMap,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  pad,
  paddedLength,
  randomBytes,
  toBase64Url,
  unpad,
} from '../src/index.js';

const bytes = (maxLength = 200): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const text = fc.string({ unit: 'grapheme' });

const { tree } = fc.letrec<{ tree: Canonical }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    bytes(),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 5 }),
  ),
}));

describe('canonical bytes', () => {
  it('come back as the value they were made of', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const encoded = encodeCanonical(value);
        expect(encodeCanonical(decodeCanonical(encoded))).toEqual(encoded);
      }),
    );
  });

  it('do not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.maxSafeInteger()), (map) => {
        const reversed = Object.fromEntries(Object.entries(map).reverse());
        expect(encodeCanonical(reversed)).toEqual(encodeCanonical(map));
      }),
    );
  });

  it('are the only bytes that are read: whatever is read is written the same', () => {
    fc.assert(
      fc.property(bytes(40), (input) => {
        let value: Canonical;
        try {
          value = decodeCanonical(input);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBytesError);
          return;
        }
        expect(new Uint8Array(encodeCanonical(value))).toEqual(input);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a longer integer than needed', '1801'],
    ['an indefinite length', '9fff'],
    ['keys out of order', 'a2616201616101'],
    ['a key twice', 'a2616101616102'],
    ['a float', 'f93c00'],
    ['undefined', 'f7'],
    ['a tag', 'c000'],
    ['bytes that are left over', '0000'],
  ])('are not %s', (_, hex) => {
    expect(() => decodeCanonical(new Uint8Array(Buffer.from(hex, 'hex')))).toThrow(MalformedBytesError);
  });

  it.each([[1.5], [NaN], [2 ** 53], ['\ud800']])('do not exist for %p', (value) => {
    expect(() => encodeCanonical(value)).toThrow(MalformedBytesError);
  });
});

describe('base64url', () => {
  it('comes back as the bytes it was made of', () => {
    fc.assert(
      fc.property(bytes(), (input) => {
        expect(fromBase64Url(toBase64Url(input))).toEqual(input);
      }),
    );
  });

  it.each(['AB', 'A', 'AA==', 'A+/A', 'AA AA'])('is not %p', (input) => {
    expect(() => fromBase64Url(input)).toThrow(MalformedBytesError);
  });
});

describe('a hash', () => {
  it('tells apart where parts end', () => {
    fc.assert(
      fc.property(bytes(20), bytes(20), bytes(20), (a, b, c) => {
        const joined = Buffer.concat([a, b]);
        fc.pre(b.length > 0);
        expect(hash('d', joined, c)).not.toEqual(hash('d', a, Buffer.concat([b, c])));
      }),
    );
  });
});

describe('padding', () => {
  it('comes off as it went on', () => {
    fc.assert(
      fc.property(bytes(5000), (input) => {
        expect(unpad(pad(input))).toEqual(input);
      }),
    );
  });

  it('costs at most 12 % beyond the smallest class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 10_000_000 }), (length) => {
        expect(paddedLength(length)).toBeLessThanOrEqual(Math.ceil((length + 1) * 1.12));
        expect(paddedLength(length)).toBeGreaterThan(length);
      }),
    );
  });
});

describe('an order-preserving map', () => {
  it('keeps the order of any two values, and their equality', () => {
    const map = new OrderPreservingMap(randomBytes(32));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        expect(Math.sign(Number(map.encode(a) - map.encode(b)))).toBe(Math.sign(a - b));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps neighbours apart, and within 63 bits', () => {
    const map = new OrderPreservingMap(randomBytes(32));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }), (value) => {
        expect(map.encode(value)).toBeLessThan(map.encode(value + 1));
        expect(map.encode(value + 1)).toBeLessThan(2n ** 63n);
      }),
      { numRuns: 500 },
    );
  });

  it('gives one moment different positions under two keys', () => {
    const [a, b] = [new OrderPreservingMap(randomBytes(32)), new OrderPreservingMap(randomBytes(32))];

    expect(a.encode(1_700_000_000_000_000)).not.toBe(b.encode(1_700_000_000_000_000));
  });
});
