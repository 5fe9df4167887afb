import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { equalBytes } from './equal-bytes.js';
import { MalformedBytesError } from './crypto.errors.js';

/** What has canonical bytes. Numbers are safe integers; map keys are text. */
export type Canonical =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/**
 * Deterministic CBOR (RFC 8949 §4.2.1): shortest integers, definite lengths, map keys in bytewise order.
 * @throws MalformedBytesError for floats, unsafe integers, undefined, and text that is not well-formed
 */
export function encodeCanonical(value: Canonical): Uint8Array {
  demandCanonical(value);
  return encode(value, rfc8949EncodeOptions);
}

/**
 * Bytes to a value, if they are the value's canonical bytes.
 * @throws MalformedBytesError
 */
export function decodeCanonical(bytes: Uint8Array): Canonical {
  const value = decodeStrictly(bytes);
  // Encoding it again also catches what strictness leaves: the order of map keys.
  if (!equalBytes(encodeCanonical(value), bytes))
    throw new MalformedBytesError('the bytes are not canonical');
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
    value = decode(bytes, STRICT);
  } catch (error) {
    throw new MalformedBytesError('the bytes are not canonical CBOR', { cause: error });
  }
  demandCanonical(value);
  return value;
}

function demandCanonical(value: unknown): asserts value is Canonical {
  if (!isCanonical(value)) throw new MalformedBytesError('the value has no canonical bytes');
}

function isCanonical(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return true;
  return typeof value === 'object' && areCanonical(value);
}

function areCanonical(value: object): boolean {
  if (Array.isArray(value)) return value.every(isCanonical);
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isCanonical(item));
}
