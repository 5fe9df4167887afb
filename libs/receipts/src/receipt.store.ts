import { type Rows, RowsStatement, type Sql } from '@musubi/database';
import {
  type AgentKeys,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  mapInSlices,
  toBase64Url,
} from '@musubi/crypto';
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

const INSERT = new RowsStatement(`
  insert into receipt (holder, key, status, sealed)
  select * from unnest($1::bytea[], $2::bytea[], $3::smallint[], $4::bytea[])`);

/** Rejects a receipt of a status of which there is one. */
export const RECEIPT_ONCE = 'receipt_once';

/** The name under which a holder's tables know a message: nobody else can compute or match it. */
export function blindedKey(keys: AgentKeys, message: MessageId): Uint8Array {
  return keys.blind('musubi/message-key', fromBase64Url(message));
}

/** A receipt, and where the actions that carry it stand on its holder's own chain, if they do. */
export interface PlacedReceipt {
  readonly receipt: SignedReceipt;
  readonly place: ChainPlace | null;
}

/** As a row holds it; `null` when the row cannot be read. */
export type StoredReceipt = PlacedReceipt | null;

const tracedSchema: z.ZodType<PlacedReceipt> = z.strictObject({
  receipt: signedReceiptSchema,
  place: chainPlaceSchema.nullable(),
});

/** What one holder has of signed receipts: sealed with its key, at most one of each status a message. */
export class ReceiptStore {
  /** Receipts that were verified. The first of a status stays: a second violates RECEIPT_ONCE. */
  rowsOf(keys: AgentKeys, receipts: readonly PlacedReceipt[]): Rows {
    const holder = fromBase64Url(keys.agent);
    const rows = receipts.map((traced) => [
      holder,
      blindedKey(keys, traced.receipt.message),
      rankOf(traced.receipt.status),
      keys.seal(encodeTraced(traced), RECEIPT_DOMAIN),
    ]);
    return { statement: INSERT, rows };
  }

  /** The stored receipts of messages by blinded key as base64url, each message's in ascending order: one query. */
  async ofKeys(
    db: Sql,
    keys: AgentKeys,
    blinded: readonly Uint8Array[],
  ): Promise<ReadonlyMap<string, readonly StoredReceipt[]>> {
    const rows = await db.query<SealedRow[]>(
      'select key, sealed from receipt where holder = $1 and key = any($2::bytea[]) order by status',
      [fromBase64Url(keys.agent), blinded],
    );
    const opened = await mapInSlices(
      rows,
      ({ sealed }) => sealed.length,
      ({ key, sealed }) => ({ name: toBase64Url(key), receipt: this.open(keys, sealed) }),
    );
    const found = new Map<string, readonly StoredReceipt[]>();
    for (const { name, receipt } of opened) found.set(name, [...(found.get(name) ?? []), receipt]);
    return found;
  }

  async has(
    db: Sql,
    keys: AgentKeys,
    { message, status }: Pick<SignedReceipt, 'message' | 'status'>,
  ): Promise<boolean> {
    const rows = await db.query<unknown[]>(
      'select from receipt where holder = $1 and key = $2 and status = $3',
      [fromBase64Url(keys.agent), blindedKey(keys, message), rankOf(status)],
    );
    return rows.length === 1;
  }

  /** A receipt from its row. */
  open(keys: AgentKeys, sealed: Uint8Array): StoredReceipt {
    try {
      return tracedSchema.parse(decodeCanonical(keys.open(sealed, RECEIPT_DOMAIN)));
    } catch {
      return null;
    }
  }
}

const RECEIPT_DOMAIN = 'musubi/receipt';

function encodeTraced({ receipt, place }: PlacedReceipt): Uint8Array {
  const { message, status, by, at, space, signature } = receipt;
  return encodeCanonical({
    receipt: { message, status, by, at, space, signature },
    place: place === null ? null : { ...place },
  });
}
