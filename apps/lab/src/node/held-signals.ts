import { InProcessSignals, type Signal, type SignalListener, type Unsubscribe } from '@musubi/network';

/**
 * Signals that wait to be let go, one after another: what each of them sets off is over before the next, and so happens
 * in the same order in every run.
 */
export class HeldSignals extends InProcessSignals {
  private readonly listeners = new Map<string, number>();
  private readonly held: { readonly topic: string; readonly signal: Signal }[] = [];

  override emit(topic: string, signal: Signal): void {
    if ((this.listeners.get(topic) ?? 0) > 0) this.held.push({ topic, signal });
  }

  override subscribe(topic: string, listener: SignalListener): Unsubscribe {
    const unsubscribe = super.subscribe(topic, listener);
    this.count(topic, 1);
    return () => {
      unsubscribe();
      this.count(topic, -1);
    };
  }

  /** Lets the oldest go, and resolves when it was heard. @returns whether there was one */
  async letGo(): Promise<boolean> {
    const oldest = this.held.shift();
    if (oldest === undefined) return false;
    super.emit(oldest.topic, oldest.signal);
    await Promise.resolve();
    return true;
  }

  private count(topic: string, by: 1 | -1): void {
    const count = (this.listeners.get(topic) ?? 0) + by;
    if (count > 0) this.listeners.set(topic, count);
    else this.listeners.delete(topic);
  }
}
