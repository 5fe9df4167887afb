declare const brand: unique symbol;

/** A node's Ed25519 public key: 32 bytes as base64url, 43 characters. Never an agent's key. */
export type NodeKey = string & { readonly [brand]: 'NodeKey' };

const SPELLING = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseNodeKey(text: string): NodeKey {
  if (!SPELLING.test(text)) throw new TypeError('node key: expected 32 bytes as base64url');
  return text as NodeKey;
}
