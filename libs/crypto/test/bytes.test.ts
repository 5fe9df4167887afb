import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Canonical,
  MalformedBytesError,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  pad,
  paddedLength,
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

describe('canonical bytes of anything but plain values', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  it.each([
    ['a Map', new Map([['a', 1.5]])],
    ['a Set', new Set([1])],
    ['a Date', new Date(0)],
    ['a typed array', new Uint16Array(2)],
    ['a boxed number', Object(1.5)],
    ['a list with holes', new Array(2)],
    ['a list that holds itself', cyclic],
    ['a property that is undefined', { a: undefined }],
    ['negative zero', -0],
  ])('do not exist: %s', (_, value) => {
    expect(() => encodeCanonical(value as Canonical)).toThrow(MalformedBytesError);
  });
});

describe('canonical bytes of nested values', () => {
  const nested = (depth: number): Uint8Array => new Uint8Array(depth).fill(0x81, 0, -1).fill(0x80, -1);

  it('are read 64 deep', () => {
    expect(encodeCanonical(decodeCanonical(nested(64)))).toEqual(nested(64));
  });

  it.each([65, 5000, 200_000])('are not read %p deep', (depth) => {
    expect(() => decodeCanonical(nested(depth))).toThrow(MalformedBytesError);
  });

  it('hold plain arrays, whatever they are read from', () => {
    const encoded = encodeCanonical(Buffer.from('bytes'));

    expect(decodeCanonical(Buffer.from(encoded))).toStrictEqual(new TextEncoder().encode('bytes'));
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
        expect(unpad(pad(input, 2048), 2048)).toEqual(input);
      }),
    );
  });

  it('has the smallest class that was asked for, and the classes of all above it', () => {
    expect([0, 2047, 2048, 5000].map((length) => paddedLength(length, 2048))).toEqual([
      2048,
      2048,
      ...[2048, 5000].map((length) => paddedLength(length)),
    ]);
    expect(() => unpad(pad(new Uint8Array()), 2048)).toThrow(MalformedBytesError);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['no mark', new Uint8Array(1024)],
    ['another mark', new Uint8Array(1024).fill(0x81, 0, 1)],
    ['a class too large', new Uint8Array(1088).fill(0x80, 0, 1)],
    ['a length of no class', new Uint8Array(1025).fill(0x80, 1024)],
  ])('is refused with %s', (_, padded) => {
    expect(() => unpad(padded)).toThrow(MalformedBytesError);
  });

  it('has few classes: each length is padded to one, and a longer length never to a smaller', () => {
    const lengths = Array.from({ length: 66_000 }, (_, length) => paddedLength(length));

    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    // 1024, then 16 for each doubling up to 64 KiB, and 16 steps of 2 KiB only begun.
    expect(new Set(lengths).size).toBeLessThanOrEqual(1 + 16 * 6 + 1);
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
