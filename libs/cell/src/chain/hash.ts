import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { parseSpaceId } from '@musubi/messaging';

declare const brand: unique symbol;

/** BLAKE2b-256 of an action or an entry, or any other basis in a DHT: 32 bytes as base64url. */
export type Hash = string & { readonly [brand]: 'Hash' };

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseHash(text: string): Hash {
  // A space id is spelt the same way: 32 bytes as base64url.
  return parseSpaceId(text) as string as Hash;
}

/** @throws TypeError unless there are 32 bytes */
export function hashFrom(bytes: Uint8Array): Hash {
  return parseHash(toBase64Url(bytes));
}

export function hashBytes(hash: Hash): Uint8Array {
  return fromBase64Url(hash);
}
