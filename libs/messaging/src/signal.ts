import { type AgentPubKey, type MessageId } from './ids.js';
import { type ReceiptStatus } from './receipt.js';

/**
 * What a user interface is told after a commit. Lossy, and never the truth: it names what to read again and
 * carries no message text, since it may pass through other machines.
 */
export type UiSignal =
  | {
      readonly type: 'message';
      readonly strategy: string;
      readonly message: MessageId;
      readonly from: AgentPubKey;
    }
  | {
      readonly type: 'receipt';
      readonly strategy: string;
      readonly message: MessageId;
      readonly status: ReceiptStatus;
    }
  /** The attempts are spent, or the recipient refused for good: retry or delete it. */
  | { readonly type: 'delivery-failed'; readonly strategy: string; readonly message: MessageId };
