import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AgentKeys,
  InvalidKeyError,
  OpenFailedError,
  SEAL_BYTES,
  SEAL_OFFSET,
  agreementPublicKey,
  open,
  openInPlace,
  randomBytes,
  seal,
  sealInPlace,
  verify,
} from '../src/index.js';
import { flipped } from './support/flipped.js';

const bytes = (maxLength = 200): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

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

  it('in place is the same, and opens in place', () => {
    fc.assert(
      fc.property(bytes(), bytes(), fc.nat(), (plaintext, associatedData, at) => {
        const key = randomBytes(32);
        const boxOf = (): Uint8Array => {
          const box = new Uint8Array(plaintext.length + SEAL_BYTES);
          box.set(plaintext, SEAL_OFFSET);
          return sealInPlace({ key, box, associatedData });
        };
        const sealed = boxOf();
        expect(new Uint8Array(open({ key, sealed, associatedData }))).toEqual(plaintext);
        const copied = seal({ key, plaintext, associatedData }).slice();
        for (const box of [sealed, copied])
          expect(new Uint8Array(openInPlace({ key, box, associatedData }))).toEqual(plaintext);
        const other = flipped(boxOf(), at);
        expect(() => openInPlace({ key, box: other, associatedData })).toThrow(OpenFailedError);
      }),
    );
  });

  it('that is too short opens nowhere', () => {
    const [key, associatedData] = [randomBytes(32), new Uint8Array()];
    for (const size of [0, 1, 23, 24, 39]) {
      const box = new Uint8Array(size);
      expect(() => openInPlace({ key, box, associatedData })).toThrow(OpenFailedError);
    }
    const short = { key: randomBytes(31), box: new Uint8Array(40), associatedData };
    expect(() => sealInPlace(short)).toThrow(InvalidKeyError);
  });

  it('of an agent opens for its domain only', () => {
    const keys = agent();
    const sealed = keys.seal(Buffer.from('text'), 'one');

    expect(() => keys.open(sealed, 'another')).toThrow(OpenFailedError);
    expect(() => agent().open(sealed, 'one')).toThrow(OpenFailedError);
  });
});

describe('an agreement key', () => {
  it('is refused for a point of small order', () => {
    expect(() => agreementPublicKey(new Uint8Array(32))).toThrow(InvalidKeyError);
  });
});

describe('the keys of an agent', () => {
  it.each([0, 31, 33])('do not come from a seed of %p bytes', (size) => {
    expect(() => AgentKeys.fromSeed(new Uint8Array(size))).toThrow(InvalidKeyError);
  });
});
