/** A one-way notice, lost without harm: a receiver that missed it reads again. Plain JSON, since it may travel. */
export type Signal = Readonly<Record<string, string>>;
export type SignalListener = (signal: Signal) => void;
export type Unsubscribe = () => void;

/**
 * Lossy notices by topic. An agent's key is the topic of its user interfaces; a mailbox base is the topic of its
 * watchers.
 */
export interface Signals {
  /** Call only after the commit that the signal tells of. Never throws. */
  emit(topic: string, signal: Signal): void;
  subscribe(topic: string, listener: SignalListener): Unsubscribe;
}
