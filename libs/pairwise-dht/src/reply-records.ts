import { type AgentKeys } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { type SignedReceipt } from '@musubi/messaging';

/** Of one author: far more than are ever between a reply and its confirmation at once. */
const CAPACITY = 256;

/**
 * Records that came as replies, until the receipts they carry are confirmed: the same commit integrates them. If
 * the process ends in between, the peer is asked again, and replies with the same record.
 */
export class ReplyRecords {
  private readonly waiting = new WeakMap<AgentKeys, Map<string, readonly Rows[]>>();

  /** @returns false when too many wait already */
  keep(author: AgentKeys, receipt: SignedReceipt, rows: readonly Rows[]): boolean {
    const waiting = this.waitingOf(author);
    if (waiting.size >= CAPACITY) return false;
    waiting.set(nameOf(receipt), rows);
    return true;
  }

  /** The rows of the record that carried the receipt; none when none waits for its confirmation. */
  rowsOf(author: AgentKeys, receipt: SignedReceipt): readonly Rows[] {
    return this.waitingOf(author).get(nameOf(receipt)) ?? [];
  }

  /** They are committed. */
  forget(author: AgentKeys, receipt: SignedReceipt): void {
    this.waitingOf(author).delete(nameOf(receipt));
  }

  private waitingOf(author: AgentKeys): Map<string, readonly Rows[]> {
    const waiting = this.waiting.get(author) ?? new Map<string, readonly Rows[]>();
    this.waiting.set(author, waiting);
    return waiting;
  }
}

function nameOf({ message, status }: SignedReceipt): string {
  return `${message}/${status}`;
}
