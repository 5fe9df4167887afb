import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  InvalidKeyError,
  OpenFailedError,
  type SignKeyPair,
  agreementPublicKey,
  hash,
  letterSize,
  openLetter,
  randomBytes,
  seal,
  sealLetter,
  signKeyPairFromSeed,
  usePrimitives,
} from '../src/index.js';
import { primitives } from '../src/primitives/index.js';
import { flipped } from './support/flipped.js';

const SLOT_BYTES = 104;
const plaintexts = fc.uint8Array({ maxLength: 3000 });
const reader = (): SignKeyPair => signKeyPairFromSeed(randomBytes(32));
const TEXT = new TextEncoder().encode('a letter');

/** A letter whose slot is good, by somebody who does not pad the way we do. */
function letterOf(padded: Uint8Array, { publicKey }: SignKeyPair): Uint8Array {
  const contentKey = randomBytes(32);
  const body = seal({ key: contentKey, plaintext: padded, associatedData: new Uint8Array() });
  const secretKey = randomBytes(32);
  const ephemeral = primitives().x25519PublicKey(secretKey);
  const theirs = agreementPublicKey(publicKey);
  const key = hash('musubi/letter/slot', primitives().x25519(secretKey, theirs), ephemeral, theirs);
  const associatedData = hash('musubi/letter/body', body);
  const slot = [ephemeral, seal({ key, plaintext: contentKey, associatedData })];
  return new Uint8Array(Buffer.concat([Uint8Array.of(1), ...slot, body]));
}

describe.each(['wasm', 'native'] as const)('a letter, with %s primitives,', (name) => {
  beforeAll(() => usePrimitives(name));
  afterAll(() => usePrimitives('wasm'));

  it('opens for each of its readers, and for nobody else', () => {
    const [alice, bob, mallory] = [reader(), reader(), reader()];
    fc.assert(
      fc.property(plaintexts, (plaintext) => {
        const letter = sealLetter({ plaintext, readers: [alice.publicKey, bob.publicKey] });
        expect(openLetter({ letter, reader: alice })).toEqual(plaintext);
        expect(openLetter({ letter, reader: bob })).toEqual(plaintext);
        expect(() => openLetter({ letter, reader: mallory })).toThrow(OpenFailedError);
      }),
      { numRuns: 30 },
    );
  });

  it('does not open when any of its bytes is changed', () => {
    const alice = reader();
    fc.assert(
      fc.property(plaintexts, fc.nat(), (plaintext, at) => {
        const letter = flipped(sealLetter({ plaintext, readers: [alice.publicKey] }), at);
        expect(() => openLetter({ letter, reader: alice })).toThrow(OpenFailedError);
      }),
    );
  });

  it('does not open when cut short or made longer', () => {
    const alice = reader();
    const letter = sealLetter({ plaintext: TEXT, readers: [alice.publicKey] });
    const others = [...Array(130).keys()].map((size) => letter.slice(0, size));

    for (const other of [...others, letter.slice(0, -1), Uint8Array.of(...letter, 0)]) {
      expect(() => openLetter({ letter: other, reader: alice })).toThrow(OpenFailedError);
    }
  });

  it('tells a spoilt slot to the reader whose slot it was, and to no other', () => {
    const [alice, bob] = [reader(), reader()];
    const sealed = sealLetter({ plaintext: TEXT, readers: [alice.publicKey, bob.publicKey] });
    const letter = flipped(sealed, 1 + SLOT_BYTES + 5);

    expect(openLetter({ letter, reader: alice })).toEqual(TEXT);
    expect(() => openLetter({ letter, reader: bob })).toThrow(OpenFailedError);
  });

  it('does not open with the slots of another', () => {
    const alice = reader();
    const readers = [alice.publicKey];
    const one = sealLetter({ plaintext: TEXT, readers });
    const other = sealLetter({ plaintext: TEXT, readers });
    const mixed = Uint8Array.of(...one.slice(0, 1 + SLOT_BYTES), ...other.slice(1 + SLOT_BYTES));

    expect(() => openLetter({ letter: mixed, reader: alice })).toThrow(OpenFailedError);
  });

  it('that is well sealed but not padded does not open', () => {
    const alice = reader();
    const letters = [new Uint8Array(1024), new Uint8Array(), TEXT].map((padded) => letterOf(padded, alice));

    for (const letter of letters) {
      expect(() => openLetter({ letter, reader: alice })).toThrow(OpenFailedError);
    }
  });

  it.each([0, 1, 50, 500])('of %p bytes that make no letter does not open', (size) => {
    expect(() => openLetter({ letter: randomBytes(size), reader: reader() })).toThrow(OpenFailedError);
  });

  it('is refused for a reader whose key is none', () => {
    const readers = [reader().publicKey, new Uint8Array(32)];

    expect(() => sealLetter({ plaintext: TEXT, readers })).toThrow(InvalidKeyError);
  });
});

describe('a letter', () => {
  const readersOf = (count: number): Uint8Array[] => new Array<Uint8Array>(count).fill(reader().publicKey);

  it('has a size that tells its size class and its number of readers only', () => {
    const classes = fc.constantFrom([0, 1023], [1024, 1087], [5000, 5119]);
    fc.assert(
      fc.property(classes, fc.integer({ min: 1, max: 4 }), ([shortest = 0, longest = 0], count) => {
        const [readers, others] = [readersOf(count), readersOf(count)];
        const short = sealLetter({ plaintext: randomBytes(shortest), readers });
        const long = sealLetter({ plaintext: randomBytes(longest), readers: others });
        expect(short).toHaveLength(letterSize(shortest, count));
        expect(long).toHaveLength(short.length);
      }),
      { numRuns: 20 },
    );
  });

  it('is not in the same bytes twice', () => {
    const input = { plaintext: TEXT, readers: readersOf(1) };

    expect(sealLetter(input)).not.toEqual(sealLetter(input));
  });

  it('is for 255 readers at most, and one at least', () => {
    const last = reader();
    const letter = sealLetter({ plaintext: TEXT, readers: [...readersOf(254), last.publicKey] });

    expect(openLetter({ letter, reader: last })).toEqual(TEXT);
    for (const count of [0, 256, 257]) {
      expect(() => sealLetter({ plaintext: TEXT, readers: readersOf(count) })).toThrow(RangeError);
    }
  });

  it('is plain bytes, whose slices are copies', () => {
    expect(sealLetter({ plaintext: TEXT, readers: readersOf(1) })).not.toBeInstanceOf(Buffer);
  });
});
