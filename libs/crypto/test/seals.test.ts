import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AgentKeys,
  InvalidKeyError,
  MINIMAL_COST,
  OpenFailedError,
  agreementPublicKey,
  letterSize,
  open,
  openLetter,
  openWithPassphrase,
  randomBytes,
  seal,
  sealLetter,
  sealWithPassphrase,
  verify,
} from '../src/index.js';

const bytes = (maxLength = 200): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
function flipped(original: Uint8Array, at: number): Uint8Array {
  const copy = original.slice();
  const index = at % copy.length;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

const agent = (): AgentKeys => AgentKeys.fromSeed(randomBytes(32));

describe('a signature', () => {
  it('verifies for its message and key, and for nothing else', () => {
    const [alice, bob] = [agent(), agent()];
    fc.assert(
      fc.property(bytes(), fc.nat(), (message, at) => {
        const signature = alice.sign(message);
        expect(verify(signature, message, alice.signing.publicKey)).toBe(true);
        expect(verify(signature, message, bob.signing.publicKey)).toBe(false);
        expect(verify(flipped(signature, at), message, alice.signing.publicKey)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('is false, not an error, for malformed input', () => {
    expect(verify(new Uint8Array(3), new Uint8Array(), new Uint8Array(32))).toBe(false);
  });
});

describe('a seal', () => {
  it('opens with its key and data, and no other way', () => {
    fc.assert(
      fc.property(bytes(), bytes(), fc.nat(), (plaintext, associatedData, at) => {
        const key = randomBytes(32);
        const sealed = seal({ key, plaintext, associatedData });
        expect(new Uint8Array(open({ key, sealed, associatedData }))).toEqual(plaintext);
        expect(() => open({ key, sealed: flipped(sealed, at), associatedData })).toThrow(OpenFailedError);
        expect(() => open({ key: flipped(key, at), sealed, associatedData })).toThrow(OpenFailedError);
      }),
    );
  });

  it('of an agent opens for its domain only', () => {
    const keys = agent();
    const sealed = keys.seal(Buffer.from('text'), 'one');

    expect(() => keys.open(sealed, 'another')).toThrow(OpenFailedError);
    expect(() => agent().open(sealed, 'one')).toThrow(OpenFailedError);
  });
});

describe('a letter', () => {
  it('opens for each of its readers, and for nobody else', () => {
    const [alice, bob, mallory] = [agent(), agent(), agent()];
    fc.assert(
      fc.property(bytes(3000), fc.nat(), (plaintext, at) => {
        const readers = [alice.signing.publicKey, bob.signing.publicKey];
        const letter = sealLetter({ plaintext, readers });
        expect(letter).toHaveLength(letterSize(plaintext.length, readers.length));
        for (const { signing } of [alice, bob]) {
          expect(new Uint8Array(openLetter({ letter, reader: signing }))).toEqual(plaintext);
        }
        expect(() => openLetter({ letter, reader: mallory.signing })).toThrow(OpenFailedError);
        const body = flipped(letter, letter.length - 1 - (at % plaintext.length || 0));
        expect(() => openLetter({ letter: body, reader: alice.signing })).toThrow(OpenFailedError);
      }),
      { numRuns: 30 },
    );
  });

  it('does not open with the slots of another', () => {
    const alice = agent();
    const readers = [alice.signing.publicKey];
    const one = sealLetter({ plaintext: Buffer.from('one'), readers });
    const other = sealLetter({ plaintext: Buffer.from('other'), readers });
    const mixed = Buffer.concat([one.slice(0, 105), other.slice(105)]);

    expect(() => openLetter({ letter: mixed, reader: alice.signing })).toThrow(OpenFailedError);
  });

  it.each([0, 1, 50, 500])('of %p bytes that make no letter does not open', (size) => {
    expect(() => openLetter({ letter: randomBytes(size), reader: agent().signing })).toThrow(OpenFailedError);
  });
});

describe('an agreement key', () => {
  it('is refused for a point of small order', () => {
    expect(() => agreementPublicKey(new Uint8Array(32))).toThrow(InvalidKeyError);
  });
});

describe('a passphrase', () => {
  it('opens what it sealed, and no other does', async () => {
    const secret = randomBytes(32);
    const sealed = await sealWithPassphrase({ secret, passphrase: 'right', cost: MINIMAL_COST });

    expect(new Uint8Array(await openWithPassphrase({ sealed, passphrase: 'right' }))).toEqual(secret);
    await expect(openWithPassphrase({ sealed, passphrase: 'wrong' })).rejects.toThrow(OpenFailedError);
  });

  it('is not stretched at a cost that hostile bytes ask for', async () => {
    const hostile = new Uint8Array(100).fill(0xff);

    await expect(openWithPassphrase({ sealed: hostile, passphrase: 'x' })).rejects.toThrow(OpenFailedError);
  });
});
