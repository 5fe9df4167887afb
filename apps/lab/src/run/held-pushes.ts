import { type Signal, type SignalListener, type Signals, type Unsubscribe } from '@musubi/network';

/** Pushes of links to whoever watches a mailbox wait for somebody to let them through; all else passes. */
export class HeldPushes implements Signals {
  constructor(
    private readonly inner: Signals,
    private readonly hold: (base: string, push: () => void) => void,
  ) {}

  emit(topic: string, signal: Signal): void {
    const push = (): void => {
      this.inner.emit(topic, signal);
    };
    if (signal['type'] === 'link') this.hold(topic, push);
    else push();
  }

  subscribe(topic: string, listener: SignalListener): Unsubscribe {
    return this.inner.subscribe(topic, listener);
  }
}
