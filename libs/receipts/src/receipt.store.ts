import { type Sql } from '@musubi/database';
import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type ChainPlace,
  type MessageId,
  type SignedReceipt,
  chainPlaceSchema,
  signedReceiptSchema,
} from '@musubi/messaging';
import { z } from 'zod';
import { rankOf } from './lattice.js';

interface SealedRow {
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
}

const INSERT = `
  insert into receipt (holder, key, status, sealed)
  select $1, * from unnest($2::bytea[], $3::smallint[], $4::bytea[])
  on conflict on constraint receipt_once do nothing
  returning status`;

/** The name under which a holder's tables know a message: nobody else can compute or match it. */
export function blindedKey(keys: AgentKeys, message: MessageId): Uint8Array {
  return keys.blind('musubi/message-key', fromBase64Url(message));
}

/** A receipt, and where the actions that carry it stand on its holder's own chain, if they do. */
export interface TracedReceipt {
  readonly receipt: SignedReceipt;
  readonly place: ChainPlace | null;
}

const tracedSchema: z.ZodType<TracedReceipt> = z.strictObject({
  receipt: signedReceiptSchema,
  place: chainPlaceSchema.nullable(),
});

/** What one holder has of signed receipts: sealed with its key, at most one of each status a message. */
export class ReceiptStore {
  /**
   * Adds receipts that were verified. The first of a status stays: a later one of the same status is not kept.
   * @returns how many were new
   */
  async add(tx: Sql, keys: AgentKeys, receipts: readonly TracedReceipt[]): Promise<number> {
    const rows = await tx.query<unknown[]>(INSERT, [
      fromBase64Url(keys.agent),
      receipts.map(({ receipt }) => blindedKey(keys, receipt.message)),
      receipts.map(({ receipt }) => rankOf(receipt.status)),
      receipts.map((traced) => keys.seal(encodeTraced(traced), RECEIPT_DOMAIN)),
    ]);
    return rows.length;
  }

  /** The receipts of messages by blinded key as base64url, each message's in ascending order: one query. */
  async ofKeys(
    db: Sql,
    keys: AgentKeys,
    blinded: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, readonly TracedReceipt[]>> {
    const rows = await db.query<SealedRow[]>(
      'select key, sealed from receipt where holder = $1 and key = any($2::bytea[]) order by status',
      [fromBase64Url(keys.agent), blinded],
    );
    const found = new Map<string, readonly TracedReceipt[]>();
    for (const { key, sealed } of rows) {
      const name = toBase64Url(key);
      const traced = tracedSchema.parse(decodeCanonical(keys.open(sealed, RECEIPT_DOMAIN)));
      found.set(name, [...(found.get(name) ?? []), traced]);
    }
    return found;
  }
}

const RECEIPT_DOMAIN = 'musubi/receipt';

function encodeTraced({ receipt, place }: TracedReceipt): Uint8Array {
  const { message, status, by, at, space, signature } = receipt;
  return encodeCanonical({
    receipt: { message, status, by, at, space, signature },
    place: place === null ? null : { ...place },
  });
}
