import { open, seal } from './aead.js';
import { concatBytes } from './concat-bytes.js';
import { OpenFailedError } from './crypto.errors.js';
import { randomBytes } from './random.js';
import { stretch } from './stretching.js';

/** What an Argon2id guess costs. */
export interface PassphraseCost {
  /** Passes, 1 to 4. */
  readonly operations: number;
  /** Bytes, 8 KiB to 256 MiB. */
  readonly memory: number;
}

/** libsodium's OPSLIMIT_INTERACTIVE and MEMLIMIT_INTERACTIVE. */
export const INTERACTIVE_COST: PassphraseCost = { operations: 2, memory: 67_108_864 };
/** libsodium's minimum. For tests: it protects nothing. */
export const MINIMAL_COST: PassphraseCost = { operations: 1, memory: 8192 };

/**
 * Above what any cost here asks, and below what would harm the node that opens: Argon2 takes one of few threads
 * for some 0.2 s at INTERACTIVE_COST. The passes are libsodium's OPSLIMIT_SENSITIVE, the bytes its MEMLIMIT_MODERATE.
 */
const MAX_OPERATIONS = 4;
const MAX_MEMORY = 268_435_456;
const SALT_BYTES = 16;
const HEADER_BYTES = 4 + 4 + SALT_BYTES;

interface PassphraseSealInput {
  readonly secret: Uint8Array;
  readonly passphrase: string;
  readonly cost: PassphraseCost;
}

/**
 * Argon2id and XChaCha20-Poly1305: operations (4) ‖ memory (4) ‖ salt (16) ‖ sealed; the first three authenticated.
 * @throws RangeError for a cost that could not be opened again
 */
export async function sealWithPassphrase({
  secret,
  passphrase,
  cost,
}: PassphraseSealInput): Promise<Uint8Array> {
  if (!isBounded(cost)) throw new RangeError('a cost has 1 to 4 operations and 8 KiB to 256 MiB');
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, cost.operations);
  view.setUint32(4, cost.memory);
  header.set(randomBytes(SALT_BYTES), 8);
  return withKey(passphrase, header, (key) =>
    concatBytes(header, seal({ key, plaintext: secret, associatedData: header })),
  );
}

/** @throws OpenFailedError when the passphrase is another, or the bytes were changed or ask for too much */
export async function openWithPassphrase({
  sealed,
  passphrase,
}: {
  readonly sealed: Uint8Array;
  readonly passphrase: string;
}): Promise<Uint8Array> {
  const header = sealed.slice(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES) throw new OpenFailedError('too short to be a sealed secret');
  if (!isBounded(costIn(header))) throw new OpenFailedError('the cost is out of bounds');
  return withKey(passphrase, header, (key) =>
    open({ key, sealed: sealed.slice(HEADER_BYTES), associatedData: header }),
  );
}

/** Whether opening it costs no more than that. Who hands a sealed secret over has chosen what it costs. */
export function asksAtMost(sealed: Uint8Array, most: PassphraseCost): boolean {
  if (sealed.length < HEADER_BYTES) return false;
  const { memory, operations } = costIn(sealed);
  return operations <= most.operations && memory <= most.memory;
}

function costIn(header: Uint8Array): PassphraseCost {
  const view = new DataView(header.buffer, header.byteOffset);
  return { operations: view.getUint32(0), memory: view.getUint32(4) };
}

/** Also whole: the fields of the header would cut a fraction off, and wrap 4 GiB around to nothing. */
function isBounded({ operations, memory }: PassphraseCost): boolean {
  return (
    isWithin(operations, MINIMAL_COST.operations, MAX_OPERATIONS) &&
    isWithin(memory, MINIMAL_COST.memory, MAX_MEMORY)
  );
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** The key is all zero once it was used. */
async function withKey(
  passphrase: string,
  header: Uint8Array,
  use: (key: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  const key = await stretch({
    passphrase: new TextEncoder().encode(passphrase),
    salt: header.slice(8),
    ...costIn(header),
  });
  try {
    return use(key);
  } finally {
    key.fill(0);
  }
}
