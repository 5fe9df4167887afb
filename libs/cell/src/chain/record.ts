import {
  InvalidRecordError,
  agentPubKeySchema,
  idSchema,
  parseSignature,
  parseSpaceId,
  timestampSchema,
} from '@musubi/messaging';
import { decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { z } from 'zod';
import {
  type EntryRef,
  type SignedAction,
  canonicalAction,
  entryHash,
  hashOfAction,
  isAuthentic,
} from './action.js';
import { parseHash } from './hash.js';

/** A `create` action together with its entry's content, as it travels to a peer. */
export interface EntryRecord {
  readonly signed: SignedAction;
  readonly entry: EntryRef;
  readonly content: Uint8Array;
}

const hashSchema = idSchema(parseHash);
const bytesSchema = z.instanceof(Uint8Array);

const recordSchema = z.strictObject({
  action: bytesSchema,
  signature: idSchema(parseSignature),
  content: bytesSchema,
});

const createActionSchema = z.strictObject({
  space: idSchema(parseSpaceId),
  author: agentPubKeySchema,
  seq: z.number().int().nonnegative(),
  prev: hashSchema.nullable(),
  at: timestampSchema,
  content: z.strictObject({
    type: z.literal('create'),
    hash: hashSchema,
    entryType: z.string(),
    visibility: z.enum(['private', 'public']),
  }),
});

/** Canonical bytes of a record: {action, signature, content}. */
export function encodeRecord(record: EntryRecord): Uint8Array {
  return encodeCanonical({
    action: canonicalAction(record.signed.action),
    signature: record.signed.signature,
    content: record.content,
  });
}

/**
 * A record of somebody else's, checked as far as it can be by itself: shape, entry hash, author's signature.
 * @throws InvalidRecordError
 */
export function decodeRecord(bytes: Uint8Array): EntryRecord {
  const record = parseRecord(bytes);
  if (!isAuthentic(record.signed)) throw new InvalidRecordError('the action is not signed by its author');
  if (entryHash(record.content) !== record.entry.hash) throw new InvalidRecordError('the entry is another');
  return record;
}

function parseRecord(bytes: Uint8Array): EntryRecord {
  try {
    const { action, signature, content } = recordSchema.parse(decodeCanonical(bytes));
    const { content: created, ...place } = createActionSchema.parse(decodeCanonical(action));
    const entry = { hash: created.hash, type: created.entryType, visibility: created.visibility };
    const whole = { ...place, content: { type: created.type, entry } };
    return { signed: { action: whole, hash: hashOfAction(whole), signature }, entry, content };
  } catch (error) {
    throw new InvalidRecordError('the record is malformed', { cause: error });
  }
}
