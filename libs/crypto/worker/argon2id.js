/**
 * One Argon2id, on a thread of its own. Plain JavaScript: the sources, the build and the tests load this same file.
 */
import { move } from 'piscina';

const KEY_BYTES = 32;

/** @param {import('./argon2id.d.ts').Guess} guess */
export default async function argon2id(guess) {
  try {
    return move(guess.primitives === 'native' ? await natively(guess) : await inWebAssembly(guess));
  } finally {
    guess.passphrase.fill(0);
  }
}

/** @param {import('./argon2id.d.ts').Guess} guess */
async function natively({ passphrase, salt, operations, memory }) {
  const { default: sodium } = await import('sodium-native');
  const key = new Uint8Array(KEY_BYTES);
  sodium.crypto_pwhash(key, passphrase, salt, operations, memory, sodium.crypto_pwhash_ALG_ARGON2ID13);
  return key;
}

/** @param {import('./argon2id.d.ts').Guess} guess */
async function inWebAssembly({ passphrase, salt, operations, memory }) {
  // Only here, since this build is three times the size of the other.
  const { default: sodium } = await import('libsodium-wrappers-sumo');
  await sodium.ready;
  const { crypto_pwhash, crypto_pwhash_ALG_ARGON2ID13: algorithm } = sodium;
  return crypto_pwhash(KEY_BYTES, passphrase, salt, operations, memory, algorithm);
}
