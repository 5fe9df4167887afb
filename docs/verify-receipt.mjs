// Checks the messages and receipts of an API answer without Musubi's code: node verify-receipt.mjs < answer.json
import assert from 'node:assert';
import { verify } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { blake2b } from '@noble/hashes/blake2.js';

const unsigned = (value, bytes) => Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
function head(major, argument) {
  const size = [24, 2 ** 8, 2 ** 16, 2 ** 32].filter((bound) => argument >= bound).length;
  if (size === 0) return unsigned(major + argument, 1);
  return Buffer.concat([unsigned(major + 23 + size, 1), unsigned(argument, 2 ** (size - 1))]);
}

/** Deterministic CBOR (RFC 8949, section 4.2.1) of null, integers from 0, text, and maps of these. */
function cbor(value) {
  if (value === null) return Buffer.of(0xf6);
  if (Number.isSafeInteger(value) && value >= 0) return head(0x00, value);
  if (typeof value === 'string' && value.isWellFormed())
    return Buffer.concat([head(0x60, Buffer.byteLength(value)), Buffer.from(value)]);
  assert(typeof value === 'object' && !Array.isArray(value), 'not a value that is signed');
  const pairs = Object.entries(value).map(([key, inner]) => [cbor(key), cbor(inner)]);
  return Buffer.concat([head(0xa0, pairs.length), ...pairs.sort(([a], [b]) => a.compare(b)).flat()]);
}

/** BLAKE2b-256 over the domain and the CBOR, each after its length as 8 bytes. */
function hash(domain, value) {
  const parts = [Buffer.from(domain), cbor(value)].flatMap((part) => [unsigned(part.length, 8), part]);
  return Buffer.from(blake2b(Buffer.concat(parts), { dkLen: 32 }));
}

/** Microseconds since 1970 of a time as the API shows it. */
function microseconds(time) {
  const [milliseconds, micros] = [Date.parse(`${time.slice(0, 23)}Z`), time.slice(23, 26)];
  assert(time === new Date(milliseconds).toISOString().replace('Z', `${micros}Z`), `not a time: ${time}`);
  return milliseconds * 1000 + Number(micros);
}

function check({ id, author, recipient, payload, replyTo, sentAt, nonce, status: shown, receipts }) {
  assert(Array.isArray(receipts), 'there are no receipts');
  const message = { author, recipient, payload, replyTo, sentAt: microseconds(sentAt), nonce };
  assert(hash('musubi/message', message).toString('base64url') === id, 'the id is for another message');
  for (const { message: of, status, by, at, space, signature } of receipts) {
    const signed = hash('musubi/receipt', { message: of, status, at: microseconds(at), space, by });
    const key = { format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: by } };
    assert(of === id && by === (status === 'saved' ? author : recipient), `${status}: not for this message`);
    assert(verify(null, signed, key, Buffer.from(signature, 'base64url')), `${status}: not what was signed`);
  }
  const { status: highest } = receipts.at(-1);
  assert(shown === highest || (shown === 'failed' && highest === 'saved'), 'a status without a receipt');
}
const messagesIn = ({ items, type, last, message, ...rest }) =>
  items?.flatMap(messagesIn) ?? (type === 'deleted' ? [] : [last ?? message ?? rest]);
for (const message of messagesIn(await json(process.stdin)))
  try {
    check(message);
    console.log(`${message.id} verified: ${message.status}`);
  } catch (error) {
    console.log(`${message.id ?? '(no message)'} FAILED: ${error.message}`);
    process.exitCode = 1;
  }
