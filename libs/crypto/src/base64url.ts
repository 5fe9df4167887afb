import { MalformedBytesError } from './crypto.errors.js';

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** @throws MalformedBytesError unless the text is the one spelling of some bytes */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new MalformedBytesError('not base64url');
  return new Uint8Array(bytes);
}
