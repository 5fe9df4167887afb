import { concatBytes } from './concat-bytes.js';
import { InvalidKeyError, OpenFailedError } from './crypto.errors.js';
import { primitives } from './primitives/index.js';
import { type RandomBytes, randomBytes } from './random.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** Where the plaintext stands in a box that is sealed in place, and how much longer the box is. */
export const SEAL_OFFSET = NONCE_BYTES;
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

interface SealInput {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly plaintext: Uint8Array;
  /** Authenticated, not contained. */
  readonly associatedData: Uint8Array;
  readonly random?: RandomBytes;
}

/**
 * XChaCha20-Poly1305 under a random nonce: nonce (24) ‖ ciphertext ‖ tag (16).
 * @throws InvalidKeyError unless the key has 32 bytes
 */
export function seal({ key, plaintext, associatedData, random = randomBytes }: SealInput): Uint8Array {
  if (key.length !== KEY_BYTES) throw new InvalidKeyError('a sealing key has 32 bytes');
  const nonce = random(NONCE_BYTES);
  const ciphertext = primitives().aeadSeal({ key, nonce, associatedData, input: plaintext });
  return concatBytes(nonce, ciphertext);
}

interface OpenInput {
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** @throws OpenFailedError unless it was sealed with this key for this associated data */
export function open({ key, sealed, associatedData }: OpenInput): Uint8Array {
  try {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    return primitives().aeadOpen({ key, nonce, associatedData, input: sealed.subarray(NONCE_BYTES) });
  } catch (error) {
    throw new OpenFailedError('the seal does not open', { cause: error });
  }
}

interface InPlace {
  readonly key: Uint8Array;
  /** From `SEAL_OFFSET` on its plaintext, and then room for the tag. */
  readonly box: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** As `seal`, for large content: without another copy of it. @throws InvalidKeyError unless the key has 32 bytes */
export function sealInPlace(
  { key, box, associatedData }: InPlace,
  random: RandomBytes = randomBytes,
): Uint8Array {
  if (key.length !== KEY_BYTES) throw new InvalidKeyError('a sealing key has 32 bytes');
  const nonce = random(NONCE_BYTES);
  box.set(nonce);
  primitives().aeadSealInPlace({ key, nonce, associatedData, input: box.subarray(NONCE_BYTES) });
  return box;
}

/**
 * As `open`, without another copy: the box is used up. @returns the plaintext, which is a part of it
 * @throws OpenFailedError unless it was sealed with this key for this associated data
 */
export function openInPlace({ key, box, associatedData }: InPlace): Uint8Array {
  try {
    const nonce = box.slice(0, NONCE_BYTES);
    primitives().aeadOpenInPlace({ key, nonce, associatedData, input: box.subarray(NONCE_BYTES) });
    return box.subarray(NONCE_BYTES, -TAG_BYTES);
  } catch (error) {
    throw new OpenFailedError('the seal does not open', { cause: error });
  }
}
