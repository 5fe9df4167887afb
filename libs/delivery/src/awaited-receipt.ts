import { type MessageRef, type SignedReceipt, receiptOfSignal } from '@musubi/messaging';
import { type Signals } from '@musubi/network';

/** Waits for a promise for as long as a caller likes; `undefined` when that time is over first. */
export type Wait = <Value>(promise: Promise<Value>) => Promise<Value | undefined>;

/** A receipt that a signal will tell of. */
interface AwaitedReceipt {
  readonly promise: Promise<SignedReceipt | null>;
  /** Stops listening. */
  cancel(): void;
}

/** Listens for the signal that tells the author of a receipt for the message. */
export function awaitReceipt(
  signals: Pick<Signals, 'subscribe'>,
  { holder, message }: MessageRef,
): AwaitedReceipt {
  let unsubscribe = (): void => undefined;
  const promise = new Promise<SignedReceipt | null>((resolve) => {
    unsubscribe = signals.subscribe(holder, (signal) => {
      if (signal['type'] !== 'receipt' || signal['message'] !== message) return;
      resolve(receiptOfSignal(signal));
    });
  });
  return {
    promise,
    cancel: () => {
      unsubscribe();
    },
  };
}
