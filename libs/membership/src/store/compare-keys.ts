import { fromBase64Url } from '@musubi/crypto';

/** The order of keys' bytes, as PostgreSQL has it. The order of their base64url is another. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(fromBase64Url(a), fromBase64Url(b));
}
