import { type AgentPubKey, type MessageId, type Signature, type SpaceId } from './ids.js';
import { type Timestamp } from './time.js';

/** In ascending order: read implies delivered implies saved. */
export const RECEIPT_STATUSES = ['saved', 'delivered', 'read'] as const;
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];

/** What a receipt states: the part its maker signs. */
export interface Receipt {
  readonly message: MessageId;
  readonly status: ReceiptStatus;
  /** The author for `saved`; the recipient for `delivered` and `read`. */
  readonly by: AgentPubKey;
  /** When its maker made it, by the maker's clock. Informative: statuses merge by rank, never by time. */
  readonly at: Timestamp;
  readonly space: SpaceId;
}

/** Ed25519 by `by` over the canonical receipt; see libs/receipts for the exact bytes. */
export interface SignedReceipt extends Receipt {
  readonly signature: Signature;
}
