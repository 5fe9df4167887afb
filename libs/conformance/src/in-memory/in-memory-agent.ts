import {
  type AgentPubKey,
  type MessageId,
  type HeldMessage,
  type Message,
  RECEIPT_STATUSES,
  type ReceiptStatus,
  type SignedReceipt,
} from '@musubi/messaging';
import { InMemoryChain } from './in-memory-chain.js';

/** A message and its receipts, at most one of each status. */
export interface Holding {
  readonly message: Message;
  readonly receipts: Map<ReceiptStatus, SignedReceipt>;
  isDeleted: boolean;
}

/** Everything one agent has. */
export class InMemoryAgent {
  readonly chain = new InMemoryChain();
  readonly holdings = new Map<MessageId, Holding>();

  constructor(readonly agent: AgentPubKey) {}
}

/** A holding as the port shows it: receipts ascend, and the highest is the status. */
export function heldMessage({ message, receipts }: Holding): HeldMessage {
  const ascending = RECEIPT_STATUSES.flatMap((status) => receipts.get(status) ?? []);
  return { message, status: ascending.at(-1)?.status ?? 'saved', receipts: ascending };
}

export function isUnread({ message, receipts, isDeleted }: Holding, holder: AgentPubKey): boolean {
  return message.recipient === holder && !receipts.has('read') && !isDeleted;
}
