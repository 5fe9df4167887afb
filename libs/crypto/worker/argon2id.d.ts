export interface Guess {
  /** UTF-8; all zero afterwards. */
  readonly passphrase: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** Passes. */
  readonly operations: number;
  /** Bytes. */
  readonly memory: number;
  /** What the process computes with. */
  readonly primitives: 'native' | 'wasm';
}

/** @returns 32 bytes, marked to be moved to the thread that asked */
export default function argon2id(guess: Guess): Promise<unknown>;
