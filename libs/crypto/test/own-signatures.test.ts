import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, sign, signKeyPairFromSeed, verify } from '../src/index.js';
import { primitives } from '../src/primitives/index.js';
import { flipped } from './support/flipped.js';

const message = randomBytes(200);
const keys = signKeyPairFromSeed(randomBytes(32));

/** How often a signature is computed again. */
const verifying = jest.spyOn(primitives(), 'verify');

beforeEach(() => {
  verifying.mockClear();
});

describe('a signature made in this process', () => {
  it('is good for its message and key, and is not computed again', () => {
    const signature = sign(message, keys.secretKey);

    expect(verify(Uint8Array.from(signature), Uint8Array.from(message), keys.publicKey)).toBe(true);
    expect(verifying).not.toHaveBeenCalled();
  });

  it('is computed, and refused, for another message, another key, and with another bit', () => {
    const signature = sign(message, keys.secretKey);
    const other = signKeyPairFromSeed(randomBytes(32));

    expect(verify(signature, flipped(message, 3), keys.publicKey)).toBe(false);
    expect(verify(signature, message.subarray(1), keys.publicKey)).toBe(false);
    expect(verify(signature, message, other.publicKey)).toBe(false);
    expect(verify(flipped(signature, 500), message, keys.publicKey)).toBe(false);
    expect(verifying).toHaveBeenCalledTimes(4);
  });

  it('stays that of the message as it was when that is changed afterwards', () => {
    const changed = Uint8Array.from(message);
    const signature = sign(changed, keys.secretKey);
    changed.fill(0);

    expect(verify(signature, changed, keys.publicKey)).toBe(false);
    expect(verify(signature, message, keys.publicKey)).toBe(true);
  });

  it('is computed when the secret key was not made here: its halves may not belong together', () => {
    const other = signKeyPairFromSeed(randomBytes(32));
    const mixed = new Uint8Array([...keys.secretKey.subarray(0, 32), ...other.publicKey]);
    const signature = sign(message, mixed);

    expect(verify(signature, message, other.publicKey)).toBe(false);
    expect(verifying).toHaveBeenCalledTimes(1);
  });

  it('is computed once newer ones have taken its place, or its message is long', () => {
    const signature = sign(message, keys.secretKey);
    for (let count = 0; count < 2048; count += 1) sign(Uint8Array.of(count, count >> 8), keys.secretKey);
    const long = randomBytes(2000);
    const ofLong = sign(long, keys.secretKey);

    expect(verify(signature, message, keys.publicKey)).toBe(true);
    expect(verify(ofLong, long, keys.publicKey)).toBe(true);
    expect(verifying).toHaveBeenCalledTimes(2);
  });
});
