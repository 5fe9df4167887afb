import {
  type Canonical,
  MalformedBytesError,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  verify,
} from '@musubi/crypto';
import { type Timestamp } from '@musubi/messaging';
import { type z } from 'zod';

/** The first item of each record. */
const RECORD_VERSION = 1;
/** With its signature. */
export const MAX_RECORD_BYTES = 1024;
export const FINGERPRINT_BYTES = 8;

/** What all records have. The seq orders them; no receiver orders by the times, since clocks are wrong. */
export interface Dated {
  /** At least 1, and higher in each new record of one signer. */
  readonly seq: number;
  /** By the signer's clock. */
  readonly issued: Timestamp;
  /** The end of the presence that the record tells of. What else it says stays true until there is a higher seq. */
  readonly expires: Timestamp;
}

declare const verified: unique symbol;

/** Made by a `RecordKind` only, so its signature was verified. */
export interface SignedRecord<Content> {
  readonly [verified]: true;
  readonly content: Content;
  /** Canonical CBOR with the signature, `MAX_RECORD_BYTES` at most. */
  readonly bytes: Uint8Array;
  /** The first 8 bytes of the hash that is signed. Two records with one seq and two fingerprints are a fork. */
  readonly fingerprint: Uint8Array;
}

export type RecordRefusal = 'oversized' | 'malformed' | 'unknown-version' | 'bad-signature';

/** Bytes that are no record. The message names no key and no address. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError';

  constructor(
    readonly reason: RecordRefusal,
    options?: ErrorOptions,
  ) {
    super(`the record was refused: ${reason}`, options);
  }
}

interface RecordSigner {
  /** Ed25519: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

interface RecordKindParts<Content> {
  /** Separates what is signed here from everything else that the same key signs. */
  readonly domain: string;
  /** Reads the items between version and signature. */
  readonly schema: z.ZodType<Content>;
  readonly itemsOf: (content: Content) => readonly Canonical[];
  /** The signer's public key: 32 bytes as base64url. */
  readonly signerOf: (content: Content) => string;
}

/** How one kind of record is written, signed and read: the canonical list [version, …items, signature]. */
export class RecordKind<Content extends Dated> {
  constructor(private readonly parts: RecordKindParts<Content>) {}

  /** @throws RecordRefusedError for content out of bounds, and for a signer that the content does not name */
  sign(content: Content, signer: RecordSigner): SignedRecord<Content> {
    const items = [RECORD_VERSION, ...this.parts.itemsOf(content)];
    return this.open(encodeCanonical([...items, signer.sign(this.digestOf(items))]));
  }

  /** @throws RecordRefusedError */
  open(bytes: Uint8Array): SignedRecord<Content> {
    const { record, digest, signature } = this.read(bytes);
    const signer = fromBase64Url(this.parts.signerOf(record.content));
    if (!verify(signature, digest, signer)) throw new RecordRefusedError('bad-signature');
    return record;
  }

  /** For bytes of the own store, which were verified before they came there. @throws RecordRefusedError */
  reopen(bytes: Uint8Array): SignedRecord<Content> {
    return this.read(bytes).record;
  }

  keyOf({ content }: SignedRecord<Content>): string {
    return this.parts.signerOf(content);
  }

  private read(bytes: Uint8Array): {
    readonly record: SignedRecord<Content>;
    readonly digest: Uint8Array;
    readonly signature: Uint8Array;
  } {
    if (bytes.length > MAX_RECORD_BYTES) throw new RecordRefusedError('oversized');
    const list = listFrom(bytes);
    if (list[0] !== RECORD_VERSION) throw new RecordRefusedError('unknown-version');
    const signature = list.at(-1);
    if (!(signature instanceof Uint8Array)) throw new RecordRefusedError('malformed');
    const parsed = this.parts.schema.safeParse(list.slice(1, -1));
    if (!parsed.success) throw new RecordRefusedError('malformed', { cause: parsed.error });
    const digest = this.digestOf(list.slice(0, -1));
    const record = {
      content: parsed.data,
      bytes: new Uint8Array(bytes),
      fingerprint: digest.slice(0, FINGERPRINT_BYTES),
    };
    return { record: record as unknown as SignedRecord<Content>, digest, signature };
  }

  private digestOf(items: readonly Canonical[]): Uint8Array {
    return hash(this.parts.domain, encodeCanonical(items));
  }
}

function listFrom(bytes: Uint8Array): readonly Canonical[] {
  try {
    const value = decodeCanonical(bytes);
    if (Array.isArray(value)) return value as readonly Canonical[];
  } catch (error) {
    if (!(error instanceof MalformedBytesError)) throw error;
  }
  throw new RecordRefusedError('malformed');
}
