import { type Outbox } from '@musubi/cell';

/** Enqueues receipts only. The experiment sends messages itself, and nothing retries a send that fails. */
export function receiptsOnly(outbox: Outbox): Outbox {
  return {
    enqueue: (holder, entry) => (entry.step === 'send' ? [] : outbox.enqueue(holder, entry)),
    complete: (holder, outboxKey) => outbox.complete(holder, outboxKey),
  };
}
