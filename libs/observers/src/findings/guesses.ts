import { createHash } from 'node:crypto';
import { entryHash, hashBytes } from '@musubi/cell';
import { encodeCanonical } from '@musubi/crypto';

/** A text that somebody might have written, and the contents that a placement might make of it. */
export interface Guess {
  readonly text: string;
  /** Bytes whose hash may be public; the text itself and its payload are always tried. */
  readonly contents?: readonly Uint8Array[];
}

/**
 * The texts that a public hash confirms. Anybody who guesses a content can compute its hash: the entry hash of this
 * service and SHA-256 of each content are tried. Only salt or a key is a remedy.
 */
export class Dictionary {
  private readonly texts = new Map<string, string>();

  constructor(guesses: readonly Guess[]) {
    for (const { text, contents = [] } of guesses) {
      for (const content of [Buffer.from(text), payloadOf(text), ...contents]) {
        this.texts.set(Buffer.from(hashBytes(entryHash(content))).toString('hex'), text);
        this.texts.set(createHash('sha256').update(content).digest('hex'), text);
      }
    }
  }

  /** The text whose hash these 32 bytes are, if it was guessed. */
  textOf(hash: Uint8Array): string | undefined {
    if (hash.length !== 32 || this.texts.size === 0) return undefined;
    return this.texts.get(Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex'));
  }
}

function payloadOf(text: string): Uint8Array {
  return encodeCanonical({ type: 'text', text });
}
