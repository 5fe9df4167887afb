import { MalformedBytesError } from './crypto.errors.js';

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

const ALPHABET = /^[A-Za-z0-9_-]*$/;
/** By the text's length mod 4: endings whose last character carries bits of bytes and else zeros. */
const ENDINGS = [/^/, /^$/, /[AQgw]$/, /[AEIMQUYcgkosw048]$/];

/** @throws MalformedBytesError unless the text is the one spelling of some bytes */
export function fromBase64Url(text: string): Uint8Array {
  const isSpelled = ALPHABET.test(text) && ENDINGS[text.length % 4]?.test(text) === true;
  if (!isSpelled) throw new MalformedBytesError('not base64url');
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
