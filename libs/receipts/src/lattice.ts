import { RECEIPT_STATUSES, type ReceiptStatus, type SignedReceipt } from '@musubi/messaging';

/** saved 0 < delivered 1 < read 2. */
export function rankOf(status: ReceiptStatus): number {
  return RECEIPT_STATUSES.indexOf(status);
}

/** The least upper bound: commutative, associative, idempotent. No clock takes part. */
export function join(a: ReceiptStatus, b: ReceiptStatus): ReceiptStatus {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** The join of what the receipts state; `saved` when there are none, since a held message is at least saved. */
export function statusOf(receipts: readonly Pick<SignedReceipt, 'status'>[]): ReceiptStatus {
  return receipts.reduce<ReceiptStatus>((status, receipt) => join(status, receipt.status), 'saved');
}
