import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hash, hashLarge, pad, padInPlace, randomBytes, unpad, unpadInPlace } from '../src/index.js';

describe('without a copy', () => {
  it('a hash is the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 3000 }), (domain, part) => {
        expect(new Uint8Array(hashLarge(domain, part))).toEqual(new Uint8Array(hash(domain, part)));
      }),
    );
  });

  it('padding is the same, whatever stood in the room before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const room = randomBytes(4000);
        room.set(bytes);
        const padded = padInPlace(room, bytes.length);

        expect(new Uint8Array(padded)).toEqual(pad(bytes));
        expect(new Uint8Array(unpadInPlace(padded))).toEqual(bytes);
        expect(new Uint8Array(unpad(padded))).toEqual(bytes);
      }),
    );
  });
});
