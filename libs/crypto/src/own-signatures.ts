import { LRUCache } from 'lru-cache';

/** Far more than are ever on their way within one process at once. */
const CAPACITY = 2048;
/** Longer messages are not remembered. */
const LONGEST_MESSAGE = 1024;

interface Signed {
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * Remembers the signatures that this process made a moment ago, each with its message and public key. They verify by
 * construction, so the same process need not compute that again. Verifying costs 40 to 100 µs, and an act of sending
 * between two agents of one process verifies nothing but these.
 */
export class OwnSignatures {
  private readonly made = new LRUCache<string, Signed>({ max: CAPACITY });

  note(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): void {
    if (message.length > LONGEST_MESSAGE) return;
    this.made.set(keyOf(signature), { message: message.slice(), publicKey: publicKey.slice() });
  }

  /** Whether it was made here, over exactly this message, with exactly this key. False says nothing. */
  has(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
    const signed = this.made.get(keyOf(signature));
    return (
      signed !== undefined &&
      Buffer.compare(signed.message, message) === 0 &&
      Buffer.compare(signed.publicKey, publicKey) === 0
    );
  }
}

function keyOf(signature: Uint8Array): string {
  return Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString('latin1');
}
