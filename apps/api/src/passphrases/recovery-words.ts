import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

/**
 * An agent's 32-byte seed as 24 English words with a checksum of 8 bits (BIP 39), for a person to write down. They are the
 * agent: who has them can sign for it, and no other words can be had in their place.
 */
export function wordsOf(seed: Uint8Array): string {
  return entropyToMnemonic(seed, wordlist);
}

const SEED_BYTES = 32;

/** As a person types them: in any case, with any space. @returns `null` for what no seed has */
export function seedOf(words: string): Uint8Array | null {
  try {
    const seed = mnemonicToEntropy(words.trim().toLowerCase().split(/\s+/).join(' '), wordlist);
    return seed.length === SEED_BYTES ? seed : null;
  } catch {
    return null;
  }
}
