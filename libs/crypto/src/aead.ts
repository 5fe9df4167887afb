import { OpenFailedError } from './crypto.errors.js';
import { primitives } from './primitives/index.js';
import { type RandomBytes, randomBytes } from './random.js';

const NONCE_BYTES = 24;

export interface SealInput {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly plaintext: Uint8Array;
  /** Authenticated, not contained. */
  readonly associatedData: Uint8Array;
  readonly random?: RandomBytes;
}

/** XChaCha20-Poly1305 under a random nonce: nonce (24) ‖ ciphertext ‖ tag (16). */
export function seal({ key, plaintext, associatedData, random = randomBytes }: SealInput): Uint8Array {
  const nonce = random(NONCE_BYTES);
  const ciphertext = primitives().aeadSeal({ key, nonce, associatedData, input: plaintext });
  const sealed = new Uint8Array(NONCE_BYTES + ciphertext.length);
  sealed.set(nonce);
  sealed.set(ciphertext, NONCE_BYTES);
  return sealed;
}

export interface OpenInput {
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** @throws OpenFailedError unless it was sealed with this key for this associated data */
export function open({ key, sealed, associatedData }: OpenInput): Uint8Array {
  try {
    const nonce = sealed.slice(0, NONCE_BYTES);
    return primitives().aeadOpen({ key, nonce, associatedData, input: sealed.slice(NONCE_BYTES) });
  } catch (error) {
    throw new OpenFailedError('the seal does not open', { cause: error });
  }
}
