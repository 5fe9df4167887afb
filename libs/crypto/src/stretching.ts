import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { primitivesName } from './primitives/index.js';

/** Argon2id takes some 0.2 s of a processor and 64 MiB: few at once, and one processor stays free for the rest. */
const MAX_THREADS = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Of the thread's priority, where the platform can: one who signs in waits for the others, not they for it. */
const NICE_INCREMENT = 10;
/** Milliseconds. A thread takes 50 to start. */
const IDLE_TIMEOUT = 30_000;

interface StretchInput {
  /** UTF-8. Is all zero afterwards, however this ends. */
  readonly passphrase: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly operations: number;
  readonly memory: number;
}

let pool: Piscina<StretchInput, Uint8Array> | undefined;

/** Argon2id on a thread of its own: 32 bytes. Few run at once, the rest wait in turn. */
export async function stretch(input: StretchInput): Promise<Uint8Array> {
  pool ??= new Piscina({
    filename: new URL('../worker/argon2id.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: MAX_THREADS,
    idleTimeout: IDLE_TIMEOUT,
    niceIncrement: NICE_INCREMENT,
    // The worker needs neither the loaders of this process nor its secrets.
    execArgv: [],
    env: {},
  });
  try {
    const guess = { ...input, primitives: primitivesName() };
    return await pool.run(guess, { transferList: [input.passphrase.buffer as ArrayBuffer] });
  } finally {
    // What went to the thread is no longer here.
    if (input.passphrase.length > 0) input.passphrase.fill(0);
  }
}

/** Ends the threads; what they were at is rejected. The next use starts them again. */
export async function endStretching(): Promise<void> {
  const ending = pool;
  pool = undefined;
  await ending?.destroy();
}
