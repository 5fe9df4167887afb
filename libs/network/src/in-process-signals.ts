import { type Signal, type SignalListener, type Signals, type Unsubscribe } from './signals.js';

/** Signals among the subscribers of one process, delivered after the emitter's current turn. */
export class InProcessSignals implements Signals {
  private readonly topics = new Map<string, Set<SignalListener>>();

  emit(topic: string, signal: Signal): void {
    const listeners = this.topics.get(topic) ?? new Set();
    for (const listener of listeners) {
      // A listener that throws must harm neither the emitter nor the next listener.
      queueMicrotask(() => {
        if (!listeners.has(listener)) return;
        try {
          listener(signal);
        } catch {
          // A signal is lossy: its listener is as good as absent.
        }
      });
    }
  }

  subscribe(topic: string, listener: SignalListener): Unsubscribe {
    const listeners = this.topics.get(topic) ?? new Set();
    this.topics.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.topics.get(topic) === listeners) this.topics.delete(topic);
    };
  }
}
