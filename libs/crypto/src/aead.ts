import { concatBytes } from './concat-bytes.js';
import { InvalidKeyError, OpenFailedError } from './crypto.errors.js';
import { primitives } from './primitives/index.js';
import { type RandomBytes, randomBytes } from './random.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;

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
