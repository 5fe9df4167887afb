import { describe, expect, it } from '@jest/globals';
import { entryHash, hashBytes } from '@musubi/cell';
import { CanaryFinder, Dictionary, type Spelling } from '@musubi/observers';
import { createHash } from 'node:crypto';
import fc from 'fast-check';

const TEXT = 'the canary sings at 4 — ünïcödé';
const junk = fc.uint8Array({ maxLength: 40 });
const around = (before: Uint8Array, within: Uint8Array, after: Uint8Array): Buffer =>
  Buffer.concat([before, within, after]);

describe('a canary', () => {
  // Two others begin like it: they must not be taken for it.
  const finder = new CanaryFinder([`${TEXT}!`, TEXT, TEXT.replace('4', '5')]);
  const found = (bytes: Uint8Array): readonly (readonly [number, Spelling])[] => [...finder.find(bytes)];

  it.each(['utf8', 'utf16le', 'hex'] as const)('is found in other bytes as %s', (encoding) => {
    const spelt =
      encoding === 'hex' ? Buffer.from(Buffer.from(TEXT).toString('hex')) : Buffer.from(TEXT, encoding);
    fc.assert(
      fc.property(junk, junk, (before, after) => {
        expect(found(around(before, spelt, after))).toContainEqual([1, encoding.replace('le', '')]);
      }),
    );
  });

  it.each(['base64', 'base64url'] as const)(
    'is found wherever it stands in what was written as %s',
    (encoding) => {
      fc.assert(
        fc.property(junk, junk, (before, after) => {
          const spelt = around(before, Buffer.from(TEXT), after).toString(encoding);
          expect(found(Buffer.from(spelt))).toContainEqual([1, 'base64']);
        }),
      );
    },
  );

  it('is not found where it is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(found(bytes)).toEqual([]);
      }),
    );
    expect(found(Buffer.from(TEXT.slice(1)))).toEqual([]);
  });
});

describe('many canaries', () => {
  it('are each found where they stand, and only they', () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `canary ${index} of agent 7.`);
    const held = texts.filter((_, index) => index % 3 === 0);

    const found = new CanaryFinder(texts).find(Buffer.from(held.join(' ')));

    expect([...found.keys()]).toEqual(held.map((text) => texts.indexOf(text)));
  });

  it('are refused when one is too short to be told from other bytes', () => {
    expect(() => new CanaryFinder(['hm'])).toThrow(RangeError);
  });
});

describe('a dictionary', () => {
  const content = Buffer.from('how the placement writes it');
  const dictionary = new Dictionary([{ text: 'yes' }, { text: 'no', contents: [content] }]);

  it('knows a text by the hash of itself, and of what a placement makes of it', () => {
    expect(dictionary.textOf(hashBytes(entryHash(Buffer.from('yes'))))).toBe('yes');
    expect(dictionary.textOf(createHash('sha256').update('no').digest())).toBe('no');
    expect(dictionary.textOf(hashBytes(entryHash(content)))).toBe('no');
  });

  it('knows no salted hash', () => {
    expect(dictionary.textOf(hashBytes(entryHash(Buffer.from('salt yes'))))).toBeUndefined();
  });
});
