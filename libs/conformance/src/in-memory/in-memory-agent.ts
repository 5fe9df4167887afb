import {
  type AgentPubKey,
  type MessageId,
  type HeldMessage,
  type Message,
  type PinId,
  RECEIPT_STATUSES,
  type ReceiptStatus,
  type SignedReceipt,
  type Timestamp,
} from '@musubi/messaging';
import { InMemoryChain } from './in-memory-chain.js';

/** A message and its receipts, at most one of each status. */
export interface Holding {
  readonly message: Message;
  readonly receipts: Map<ReceiptStatus, SignedReceipt>;
  isDeleted: boolean;
  /** Read by its holder, who tells nobody. */
  isReadQuietly?: true;
  /** The statement that holds. */
  pin?: InMemoryPin;
}

/** What one of the two says of a message of theirs. */
export interface InMemoryPin {
  readonly id: PinId;
  readonly pinned: boolean;
  readonly by: AgentPubKey;
  readonly at: Timestamp;
}

/** What a holder has of a file: its chunks by their places. */
export interface InMemoryFile {
  readonly count: number;
  readonly chunks: Map<number, Uint8Array>;
}

/** Everything one agent has. */
export class InMemoryAgent {
  readonly chain = new InMemoryChain();
  readonly holdings = new Map<MessageId, Holding>();
  readonly files = new Map<string, InMemoryFile>();
  /** Who may not write to it. */
  readonly blocked = new Set<AgentPubKey>();
  /** Whether authors are told that it has read. */
  tellsReading = true;

  constructor(readonly agent: AgentPubKey) {}
}

/** A holding as the port shows it: receipts ascend, and the highest is the status. */
export function heldMessage({ message, pin, receipts }: Holding): HeldMessage {
  const ascending = RECEIPT_STATUSES.flatMap((status) => receipts.get(status) ?? []);
  const held = { message, status: ascending.at(-1)?.status ?? 'saved', receipts: ascending } as const;
  return pin?.pinned === true ? { ...held, pinned: true } : held;
}

export function isUnread(
  { message, receipts, isDeleted, isReadQuietly }: Holding,
  holder: AgentPubKey,
): boolean {
  return message.recipient === holder && !receipts.has('read') && !isDeleted && isReadQuietly !== true;
}
