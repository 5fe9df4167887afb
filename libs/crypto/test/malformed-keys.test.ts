import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  InvalidKeyError,
  OpenFailedError,
  agreementKeyPair,
  agreementPublicKey,
  keyedHash,
  open,
  randomBytes,
  seal,
  sharedSecret,
  sign,
  signKeyPairFromSeed,
  usePrimitives,
  verify,
} from '../src/index.js';

const NOTHING = new Uint8Array();
/** y = 0, y = 1 and y = −1: points of order 4, 1 and 2 (Bernstein, “Curve25519”, FAQ on small-order points). */
const SMALL_ORDER = [
  new Uint8Array(32),
  new Uint8Array(32).fill(1, 0, 1),
  new Uint8Array(32).fill(0xff).fill(0xec, 0, 1).fill(0x7f, 31),
];
const sizesBut = (right: number): number[] => [0, right - 1, right + 1];

// Both backends check lengths, each with errors of its own, which no caller should have to know.
describe.each(['wasm', 'native'] as const)('with %s primitives', (name) => {
  beforeAll(() => usePrimitives(name));
  afterAll(() => usePrimitives('wasm'));

  it.each(sizesBut(32))('a seed of %p bytes is none', (size) => {
    expect(() => signKeyPairFromSeed(new Uint8Array(size))).toThrow(InvalidKeyError);
  });

  it.each([...sizesBut(64), 32])('a secret key of %p bytes neither signs nor agrees', (size) => {
    const { publicKey } = signKeyPairFromSeed(randomBytes(32));
    const secretKey = new Uint8Array(size);

    expect(() => sign(NOTHING, secretKey)).toThrow(InvalidKeyError);
    expect(() => agreementKeyPair({ publicKey, secretKey })).toThrow(InvalidKeyError);
  });

  it.each(sizesBut(32))('a key of %p bytes neither seals, opens nor hashes', (size) => {
    const key = new Uint8Array(size);

    expect(() => seal({ key, plaintext: NOTHING, associatedData: NOTHING })).toThrow(InvalidKeyError);
    expect(() => open({ key, sealed: randomBytes(60), associatedData: NOTHING })).toThrow(OpenFailedError);
    expect(() => keyedHash(key, 'd')).toThrow(InvalidKeyError);
  });

  it.each([0, 10, 24, 39, 40])('%p bytes that were never sealed do not open', (size) => {
    const [key, sealed] = [randomBytes(32), randomBytes(size)];

    expect(() => open({ key, sealed, associatedData: NOTHING })).toThrow(OpenFailedError);
  });

  it.each(SMALL_ORDER)('a point of small order is no public key (%#)', (...bytes) => {
    expect(() => agreementPublicKey(Uint8Array.from(bytes))).toThrow(InvalidKeyError);
  });

  it('what is not on the curve is no public key', () => {
    expect(() => agreementPublicKey(new Uint8Array(32).fill(2))).toThrow(InvalidKeyError);
  });

  it('nothing is shared with an all-zero product, or with a key of another length', () => {
    const mine = agreementKeyPair(signKeyPairFromSeed(randomBytes(32)));

    for (const theirs of [new Uint8Array(32), new Uint8Array(31), NOTHING]) {
      expect(() => sharedSecret({ mine, theirs })).toThrow(InvalidKeyError);
    }
  });

  it('verifying is false for whatever is malformed', () => {
    const { publicKey, secretKey } = signKeyPairFromSeed(randomBytes(32));
    const signature = sign(NOTHING, secretKey);

    expect(verify(signature, NOTHING, publicKey)).toBe(true);
    for (const size of sizesBut(64)) expect(verify(new Uint8Array(size), NOTHING, publicKey)).toBe(false);
    for (const size of sizesBut(32)) expect(verify(signature, NOTHING, new Uint8Array(size))).toBe(false);
    for (const point of SMALL_ORDER) expect(verify(signature, NOTHING, point)).toBe(false);
  });
});
