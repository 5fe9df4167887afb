import { type DatabaseParts, bytesColumn, keyColumn, table } from '@musubi/database';
import { CreateReceipts1763900100000 } from './migrations.js';

/** A receipt in its holder's own store. There is no clock column: times are inside the seal. */
export interface ReceiptRow {
  readonly holder: Uint8Array;
  /** The message's id blinded by the holder's key, so that two holders' rows do not match. */
  readonly key: Uint8Array;
  /** Its rank: saved 0, delivered 1, read 2. */
  readonly status: number;
  readonly sealed: Uint8Array;
}

export const receiptTable = table<ReceiptRow>('receipt', {
  holder: keyColumn('receipt_once'),
  key: keyColumn('receipt_once'),
  status: keyColumn('receipt_once', { type: 'smallint' }),
  sealed: bytesColumn,
});

/** The tables of receipts, and the migrations that make them. */
export const receiptsDatabase: DatabaseParts = {
  entities: [receiptTable],
  migrations: [CreateReceipts1763900100000],
};
