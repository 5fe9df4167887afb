/**
 * Identifiers travel as base64url text without padding, so that they can be map keys, JSON and canonical
 * bytes alike. Each is a branded string made by its one parsing function.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An agent's Ed25519 public key: 32 bytes, 43 characters. */
export type AgentPubKey = Branded<'AgentPubKey'>;
/** BLAKE2b-256 of the canonical message: 32 bytes, 43 characters. The same on every copy, everywhere. */
export type MessageId = Branded<'MessageId'>;
/** One DHT, that is DNA and network seed: 32 bytes, 43 characters. */
export type SpaceId = Branded<'SpaceId'>;
/** An Ed25519 signature: 64 bytes, 86 characters. */
export type Signature = Branded<'Signature'>;
/** What makes two otherwise equal messages two: 16 random bytes, 22 characters. */
export type Nonce = Branded<'Nonce'>;

/** BLAKE2b-256 of a file's sealed manifest: 32 bytes, 43 characters. */
export type FileId = Branded<'FileId'>;
/** SHA-256 of a file's bytes: 32 bytes, 43 characters. */
export type FileDigest = Branded<'FileDigest'>;
/** What seals a file: 32 bytes, 43 characters. It travels only inside messages. */
export type FileKey = Branded<'FileKey'>;
/** An upload that can go on after a break: 16 random bytes, 22 characters. */
export type UploadId = Branded<'UploadId'>;

/** The one spelling that so many bytes have: the last character carries bits of theirs, and else zeros. */
const SPELLINGS = {
  16: /^[A-Za-z0-9_-]{21}[AQgw]$/,
  32: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  64: /^[A-Za-z0-9_-]{85}[AQgw]$/,
};

function checked(what: string, bytes: keyof typeof SPELLINGS, text: string): string {
  if (!SPELLINGS[bytes].test(text)) throw new TypeError(`${what}: expected ${bytes} bytes as base64url`);
  return text;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseAgentPubKey(text: string): AgentPubKey {
  return checked('agent', 32, text) as AgentPubKey;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseMessageId(text: string): MessageId {
  return checked('message id', 32, text) as MessageId;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseSpaceId(text: string): SpaceId {
  return checked('space', 32, text) as SpaceId;
}

/** @throws TypeError when the text is not 64 bytes as base64url */
export function parseSignature(text: string): Signature {
  return checked('signature', 64, text) as Signature;
}

/** @throws TypeError when the text is not 16 bytes as base64url */
export function parseNonce(text: string): Nonce {
  return checked('nonce', 16, text) as Nonce;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseFileId(text: string): FileId {
  return checked('file', 32, text) as FileId;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseFileDigest(text: string): FileDigest {
  return checked('digest', 32, text) as FileDigest;
}

/** @throws TypeError when the text is not 32 bytes as base64url */
export function parseFileKey(text: string): FileKey {
  return checked('file key', 32, text) as FileKey;
}

/** @throws TypeError when the text is not 16 bytes as base64url */
export function parseUploadId(text: string): UploadId {
  return checked('upload', 16, text) as UploadId;
}
