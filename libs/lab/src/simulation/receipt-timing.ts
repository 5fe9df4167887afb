import { type SeededRandom } from '@musubi/observers';

/** When what brings a receipt, or a message on the way by which receipts come, is let through. */
export interface ReceiptTiming {
  readonly mode: 'immediate' | 'batched' | 'delayed' | 'off';
  /** For what arises at that time. µs since the epoch */
  dueAt(arisen: number, random: SeededRandom): number;
}

export const IMMEDIATE: ReceiptTiming = { mode: 'immediate', dueAt: (arisen) => arisen };

/** All together, at each whole multiple of the period. */
export function batchedEvery(periodUs: number): ReceiptTiming {
  return { mode: 'batched', dueAt: (arisen) => (Math.floor(arisen / periodUs) + 1) * periodUs };
}

/** Each for itself, after a time of its own: exponential, so that how long it took says nothing of how long it takes. */
export function delayedBy(meanUs: number): ReceiptTiming {
  return {
    mode: 'delayed',
    dueAt: (arisen, random) => arisen + Math.ceil(-meanUs * Math.log(1 - random.float())),
  };
}

/** No receipt comes; what brings messages is not held up. */
export const OFF: ReceiptTiming = { mode: 'off', dueAt: (arisen) => arisen };
