import { type Signal, type SignalListener, type Signals, type Unsubscribe } from '@musubi/network';

/**
 * Holds the pushes of links to watchers of a mailbox until somebody lets them through; all else passes. The pushes of one
 * mailbox go together, in an order that does not show when each came.
 */
export class HeldPushes implements Signals {
  private readonly waiting = new Map<string, Signal[]>();

  constructor(
    private readonly inner: Signals,
    private readonly hold: (base: string, push: () => void) => void,
  ) {}

  emit(topic: string, signal: Signal): void {
    if (signal['type'] !== 'link') {
      this.inner.emit(topic, signal);
      return;
    }
    this.waiting.set(topic, [...(this.waiting.get(topic) ?? []), signal]);
    this.hold(topic, () => {
      this.letThrough(topic);
    });
  }

  subscribe(topic: string, listener: SignalListener): Unsubscribe {
    return this.inner.subscribe(topic, listener);
  }

  private letThrough(topic: string): void {
    const pushes = this.waiting.get(topic) ?? [];
    this.waiting.delete(topic);
    for (const push of pushes.toSorted(byAuthor)) this.inner.emit(topic, push);
  }
}

/** Each author's in its own order, as a mailbox is read. */
function byAuthor(one: Signal, other: Signal): number {
  const [author = '', following = ''] = [one['author'], other['author']];
  if (author !== following) return author < following ? -1 : 1;
  return Number(one['seq']) - Number(other['seq']);
}
