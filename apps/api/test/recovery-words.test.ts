import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seedOf, wordsOf } from '../src/passphrases/recovery-words.js';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('the words of a seed', () => {
  /** Trezor's vectors for BIP 39, https://github.com/trezor/python-mnemonic. */
  it.each([
    ['00', `${'abandon '.repeat(23)}art`],
    [
      '7f',
      `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
    ],
    ['ff', `${'zoo '.repeat(23)}vote`],
  ])('are those of BIP 39: %s', (byte, words) => {
    const seed = Buffer.alloc(32, byte, 'hex');

    expect([wordsOf(seed), seedOf(words)]).toEqual([words, new Uint8Array(seed)]);
  });

  it('give the seed back, in any case and with any space between', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(' ', '\n', '  \t'), (seed, space) => {
        const typed = ` ${wordsOf(seed).toUpperCase().split(' ').join(space)}\n`;
        expect(seedOf(typed)).toEqual(seed);
      }),
    );
  });

  it.each([
    ['fewer words', 'abandon '.repeat(11) + 'about'],
    ['a word that is none', 'abandon '.repeat(23) + 'artt'],
    ['a wrong checksum', 'abandon '.repeat(24)],
    ['nothing', ''],
  ])('are not these: %s', (_, words) => {
    expect(seedOf(words)).toBeNull();
  });
});
