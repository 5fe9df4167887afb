import { describe, expect, it } from '@jest/globals';
import { entryHash, hashBytes } from '@musubi/cell';
import { Dictionary, canaryFinder } from '@musubi/observers';
import { createHash } from 'node:crypto';
import fc from 'fast-check';

const TEXT = 'the canary sings at 4 — ünïcödé';
const junk = fc.uint8Array({ maxLength: 40 });
const around = (before: Uint8Array, within: Uint8Array, after: Uint8Array): Buffer =>
  Buffer.concat([before, within, after]);

describe('a canary', () => {
  const spellingIn = (bytes: Uint8Array): string | null => finder.find(bytes)[0]?.by ?? null;
  const finder = canaryFinder(['somebody else’s canary', TEXT]);

  it.each(['utf8', 'utf16le', 'hex'] as const)('is found in other bytes as %s', (encoding) => {
    const spelt =
      encoding === 'hex' ? Buffer.from(Buffer.from(TEXT).toString('hex')) : Buffer.from(TEXT, encoding);
    fc.assert(
      fc.property(junk, junk, (before, after) => {
        expect(spellingIn(around(before, spelt, after))).toBe(encoding.replace('le', ''));
      }),
    );
  });

  it.each(['base64', 'base64url'] as const)(
    'is found wherever it stands in what was written as %s',
    (encoding) => {
      fc.assert(
        fc.property(junk, junk, (before, after) => {
          const spelt = around(before, Buffer.from(TEXT), after).toString(encoding);
          expect(spellingIn(Buffer.from(spelt))).toBe('base64');
        }),
      );
    },
  );

  it('is not found where it is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(spellingIn(bytes)).toBeNull();
      }),
    );
    expect(spellingIn(Buffer.from(TEXT.slice(1)))).toBeNull();
  });

  it('must have four bytes at least', () => {
    expect(() => canaryFinder(['yes'])).toThrow(RangeError);
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
