import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidKeyError, blockPads, decodeCanonical, encodeCanonical, usePrimitives } from '../src/index.js';
import { primitives } from '../src/primitives/index.js';
import { published } from './support/vectors.js';

describe.each(['wasm', 'native'] as const)('the %s primitives agree with', (name) => {
  beforeAll(() => usePrimitives(name));
  afterAll(() => usePrimitives('wasm'));

  it.each(published.ed25519)('RFC 8032 on Ed25519 (%#)', ({ seed, publicKey, message, signature }) => {
    const keys = primitives().signKeyPair(seed);

    expect(new Uint8Array(keys.publicKey)).toEqual(publicKey);
    expect(new Uint8Array(primitives().sign(message, keys.secretKey))).toEqual(signature);
    expect(primitives().verify(signature, message, publicKey)).toBe(true);
  });

  it.each(published.x25519)('RFC 7748 on X25519 (%#)', ({ secretKey, publicKey, product }) => {
    expect(new Uint8Array(primitives().x25519(secretKey, publicKey))).toEqual(product);
  });

  it.each(published.blake2b)('an independent BLAKE2b-256 (%#)', ({ message, key, digest }) => {
    expect(new Uint8Array(primitives().blake2b(message, key))).toEqual(digest);
  });

  it.each(published.xchacha20poly1305)(
    'the draft on XChaCha20-Poly1305 (%#)',
    ({ key, nonce, associatedData, plaintext, ciphertext }) => {
      const box = { key, nonce, associatedData };

      expect(new Uint8Array(primitives().aeadSeal({ ...box, input: plaintext }))).toEqual(ciphertext);
      expect(new Uint8Array(primitives().aeadOpen({ ...box, input: ciphertext }))).toEqual(plaintext);
    },
  );

  it.each(published.xchacha20poly1305)(
    'the draft on XChaCha20-Poly1305, in place (%#)',
    ({ key, nonce, associatedData, plaintext, ciphertext }) => {
      const input = new Uint8Array(ciphertext.length);
      input.set(plaintext);
      const box = { key, nonce, associatedData, input };

      primitives().aeadSealInPlace(box);
      expect(input).toEqual(new Uint8Array(ciphertext));
      primitives().aeadOpenInPlace(box);
      expect(input.subarray(0, plaintext.length)).toEqual(new Uint8Array(plaintext));
    },
  );

  it.each(published.blake2b.filter(({ key }) => key === null))(
    'an independent BLAKE2b-256, in parts (%#)',
    ({ message, digest }) => {
      for (const end of [0, 1, message.length]) {
        const parts = [message.subarray(0, end), message.subarray(end)];
        expect(new Uint8Array(primitives().blake2bOf(parts))).toEqual(digest);
      }
    },
  );
});

describe('pads of blocks', () => {
  it.each(published.aes256)('agree with FIPS 197 on AES-256 (%#)', ({ key, plaintext, ciphertext }) => {
    const padsOf = blockPads(key);
    // Twice: what one call leaves behind must not show in the next.
    expect(new Uint8Array(padsOf(plaintext))).toEqual(ciphertext);
    expect(() => padsOf(plaintext.subarray(1))).toThrow(RangeError);
    expect(new Uint8Array(padsOf(plaintext))).toEqual(ciphertext);
  });

  it('are refused for a key of another size, and for half a block', () => {
    expect(() => blockPads(new Uint8Array(16))).toThrow(InvalidKeyError);
    expect(() => blockPads(new Uint8Array(32))(new Uint8Array(24))).toThrow(RangeError);
  });
});

describe('canonical bytes agree with RFC 8949', () => {
  it.each(published.cbor)('on $json', ({ json, bytes }) => {
    expect(encodeCanonical(json)).toEqual(bytes);
    expect(decodeCanonical(bytes)).toEqual(json);
  });

  it.each(published.cborByteStrings)('on byte strings (%#)', ({ value, bytes }) => {
    expect(encodeCanonical(value)).toEqual(bytes);
    expect(decodeCanonical(bytes)).toEqual(value);
  });
});
