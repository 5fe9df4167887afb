import { decode, encode } from 'cborg';
import { MalformedBytesError } from './crypto.errors.js';
import { equalBytes } from './equal-bytes.js';
import { ExactTokenizer } from './exact-tokenizer.js';

/**
 * How deep lists and maps nest. Without a bound of our own, the same bytes would be read or refused by how much
 * of the stack the caller had left.
 */
const MAX_DEPTH = 64;

/** What has canonical bytes. Numbers are safe integers; map keys are text; at most 64 lists and maps deep. */
export type Canonical =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/**
 * Deterministic CBOR (RFC 8949 §4.2.1): shortest integers, definite lengths, map keys in bytewise order. cborg's own
 * order of keys, the shorter first and then by their bytes (RFC 7049), is the same where all keys are text.
 * @throws MalformedBytesError for floats, unsafe integers, undefined, text that is not well-formed, and objects
 * other than plain ones (cborg has bytes for a Map, and reads a typed array's buffer whatever its numbers are)
 */
export function encodeCanonical(value: Canonical): Uint8Array {
  requireCanonical(value);
  return encode(value);
}

/**
 * Bytes to a value, if they are the value's canonical bytes.
 * @throws MalformedBytesError
 */
export function decodeCanonical(bytes: Uint8Array): Canonical {
  const value = decodeStrictly(bytes);
  // Encoding it again also catches what strictness leaves: the order of map keys.
  if (!equalBytes(encode(value), bytes)) throw new MalformedBytesError('the bytes are not canonical');
  return value;
}

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: false,
};

function decodeStrictly(bytes: Uint8Array): Canonical {
  let value: unknown;
  try {
    value = decode(bytes, { ...STRICT, tokenizer: new ExactTokenizer(bytes, STRICT) });
  } catch (error) {
    throw new MalformedBytesError('the bytes are not canonical CBOR', { cause: error });
  }
  requireCanonical(value);
  return value;
}

function requireCanonical(value: unknown): asserts value is Canonical {
  if (!isCanonical(value, 0)) throw new MalformedBytesError('the value has no canonical bytes');
}

function isCanonical(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return isCanonicalLeaf(value);
  return value instanceof Uint8Array || (depth < MAX_DEPTH && isCanonicalTree(value, depth + 1));
}

function isCanonicalLeaf(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'string') return value.isWellFormed();
  return value === null || typeof value === 'boolean';
}

function isCanonicalTree(value: object, depth: number): boolean {
  // Array.from makes holes undefined, which every() would pass over.
  if (Array.isArray(value)) return Array.from<unknown>(value).every((item) => isCanonical(item, depth));
  const entries = Object.entries(value);
  return isPlain(value) && entries.every(([key, item]) => key.isWellFormed() && isCanonical(item, depth));
}

/** Has no prototype or one at the root of a chain: compared so, since each realm has its own Object.prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
