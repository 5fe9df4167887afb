import { blake2b } from '@noble/hashes/blake2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { type Message, type Receipt } from './types.js';

/** What is signed: null, integers from 0, text, and maps of these. */
type Value = null | number | string | { readonly [key: string]: Value };

const MAJOR = { integer: 0x00, text: 0x60, map: 0xa0 } as const;
const NULL = Uint8Array.of(0xf6);

const utf8 = new TextEncoder();

/** Deterministic CBOR (RFC 8949, section 4.2.1). */
export function cbor(value: Value): Uint8Array {
  if (value === null) return NULL;
  if (typeof value === 'number') return integer(value);
  if (typeof value === 'string') return text(value);
  const pairs = Object.entries(value).map(([key, inner]) => [text(key), cbor(inner)] as const);
  const sorted = pairs.toSorted(([one], [other]) => compare(one, other));
  return concatBytes(head(MAJOR.map, pairs.length), ...sorted.flat());
}

function integer(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a whole number from 0');
  return head(MAJOR.integer, value);
}

function text(value: string): Uint8Array {
  if (!value.isWellFormed()) throw new RangeError('not well-formed text');
  const bytes = utf8.encode(value);
  return concatBytes(head(MAJOR.text, bytes.length), bytes);
}

function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of(major + argument);
  const size = [2 ** 8, 2 ** 16, 2 ** 32].filter((bound) => argument >= bound).length;
  return concatBytes(Uint8Array.of(major + 24 + size), bigEndian(argument).subarray(8 - 2 ** size));
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function compare(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at === -1 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? 0);
}

/** BLAKE2b-256 over the domain and the CBOR, each after its length as 8 bytes. */
function hash(domain: string, value: Value): Uint8Array {
  const parts = [utf8.encode(domain), cbor(value)].flatMap((part) => [bigEndian(part.length), part]);
  return blake2b(concatBytes(...parts), { dkLen: 32 });
}

/** The bytes whose base64url is the id. */
export function messageHash({ author, recipient, payload, replyTo, sentAt, nonce }: Message): Uint8Array {
  const whole = { author, recipient, payload: { ...payload }, replyTo, sentAt: microseconds(sentAt), nonce };
  return hash('musubi/message', whole);
}

/** The bytes that a receipt's maker signs. */
export function receiptHash({ message, status, at, space, by }: Receipt): Uint8Array {
  return hash('musubi/receipt', { message, status, at: microseconds(at), space, by });
}

/** Since 1970, of a time as the API shows it. */
export function microseconds(time: string): number {
  const milliseconds = Date.parse(`${time.slice(0, 23)}Z`);
  const micros = time.slice(23, 26);
  const isTime =
    !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().replace('Z', `${micros}Z`) === time;
  if (!isTime || !/^\d{3}$/.test(micros)) throw new RangeError('not a time');
  return milliseconds * 1000 + Number(micros);
}
