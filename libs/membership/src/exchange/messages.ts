import { type Canonical, decodeCanonical, encodeCanonical, fromBase64Url } from '@musubi/crypto';
import { type NodeKey } from '@musubi/network/nodes';
import { z } from 'zod';
import { nodeKeyItem, seqItem } from '../record/items.js';
import { FINGERPRINT_BYTES, MAX_RECORD_BYTES } from '../record/signed-record.js';
import { compareKeys } from '../store/compare-keys.js';

/** Of one message. A round has three, so it fits well into a link's frames. */
export const MAX_EXCHANGE_BYTES = 64 * 1024;

/** What the sender of a digest has of one node. */
export interface DigestEntry {
  readonly node: NodeKey;
  readonly seq: number;
  /** 8 bytes. */
  readonly fingerprint: Uint8Array;
  /** It has the evidence of a fork at this seq, and needs no other. */
  readonly isForked: boolean;
}

/** First message of a round: all that the sender has of an interval of keys. */
export interface Digest {
  /** Not within the interval; `null` for its beginning. */
  readonly after: NodeKey | null;
  /** Within the interval; `null` for the end of all keys. */
  readonly upTo: NodeKey | null;
  /** Ascending by the bytes of the keys. */
  readonly entries: readonly DigestEntry[];
}

/** Second message: what the other side has newer, and what it asks for. */
export interface Answer {
  /** So far the interval was compared; the next round begins here. `null` when all keys were. */
  readonly upTo: NodeKey | null;
  readonly records: readonly Uint8Array[];
  readonly wants: readonly NodeKey[];
}

/** Third message: what was asked for. */
export interface Delivery {
  readonly records: readonly Uint8Array[];
}

export type ExchangeRefusal =
  | 'oversized'
  | 'malformed'
  /** Outside of the interval, or not asked for. */
  | 'unasked'
  /** A record that is none, or that its node has not signed. */
  | 'bad-record';

/** A peer broke the protocol: nothing of its message was stored. The message names no key. */
export class ExchangeRefusedError extends Error {
  override readonly name = 'ExchangeRefusedError';

  constructor(
    readonly reason: ExchangeRefusal,
    options?: ErrorOptions,
  ) {
    super(`the exchange of records was refused: ${reason}`, options);
  }
}

const DIGEST = 0;
const ANSWER = 1;
const DELIVERY = 2;

const bytes = z.instanceof(Uint8Array);
const key = nodeKeyItem.nullable();
const records = z.array(bytes.refine((record) => record.length <= MAX_RECORD_BYTES));
const fingerprint = bytes.refine((list) => list.length === FINGERPRINT_BYTES);

const entrySchema = z
  .tuple([nodeKeyItem, seqItem, fingerprint, z.boolean()])
  .transform(([node, seq, print, isForked]) => ({ node, seq, fingerprint: print, isForked }));

const digestSchema: z.ZodType<Digest> = z
  .tuple([z.literal(DIGEST), key, key, z.array(entrySchema)])
  .transform(([, after, upTo, entries]) => ({ after, upTo, entries }))
  .refine(({ after, upTo, entries }) => areAscending(edges(after, entries, upTo)));

const answerSchema: z.ZodType<Answer> = z
  .tuple([z.literal(ANSWER), key, records, z.array(nodeKeyItem)])
  .transform(([, upTo, list, wants]) => ({ upTo, records: list, wants }));

const deliverySchema: z.ZodType<Delivery> = z
  .tuple([z.literal(DELIVERY), records])
  .transform(([, list]) => ({ records: list }));

export function encodeDigest({ after, upTo, entries }: Digest): Uint8Array {
  const items = entries.map(({ node, seq, fingerprint: print, isForked }) => [
    fromBase64Url(node),
    seq,
    print,
    isForked,
  ]);
  return encodeCanonical([DIGEST, keyBytes(after), keyBytes(upTo), items]);
}

export function encodeAnswer({ upTo, records: list, wants }: Answer): Uint8Array {
  return encodeCanonical([ANSWER, keyBytes(upTo), list, wants.map(keyBytes)]);
}

export function encodeDelivery({ records: list }: Delivery): Uint8Array {
  return encodeCanonical([DELIVERY, list]);
}

/** @throws ExchangeRefusedError */
export function decodeDigest(message: Uint8Array): Digest {
  return decoded(message, digestSchema);
}

/** @throws ExchangeRefusedError */
export function decodeAnswer(message: Uint8Array): Answer {
  return decoded(message, answerSchema);
}

/** @throws ExchangeRefusedError */
export function decodeDelivery(message: Uint8Array): Delivery {
  return decoded(message, deliverySchema);
}

function decoded<Message>(message: Uint8Array, schema: z.ZodType<Message>): Message {
  if (message.length > MAX_EXCHANGE_BYTES) throw new ExchangeRefusedError('oversized');
  try {
    return schema.parse(decodeCanonical(message));
  } catch (error) {
    throw new ExchangeRefusedError('malformed', { cause: error });
  }
}

function keyBytes(node: NodeKey | null): Canonical {
  return node === null ? null : fromBase64Url(node);
}

/** The keys of a digest; the end of its interval may be its last key. */
function edges(
  after: NodeKey | null,
  entries: readonly DigestEntry[],
  upTo: NodeKey | null,
): readonly NodeKey[] {
  const keys = entries.map(({ node }) => node);
  const end = upTo === null || upTo === keys.at(-1) ? [] : [upTo];
  return [...(after === null ? [] : [after]), ...keys, ...end];
}

function areAscending(keys: readonly NodeKey[]): boolean {
  return keys.every((node, index) => {
    const before = keys[index - 1];
    return before === undefined || compareKeys(before, node) < 0;
  });
}
