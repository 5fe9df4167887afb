import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type Clone } from './clone.js';

type Reading = Promise<Clone | null>;

/**
 * Enabled clones as this process last read them, for a database that no other process writes: an act of sending asks
 * four times for its clone. They go with their holder's keys.
 */
export class KnownClones {
  private readonly readings = new WeakMap<AgentKeys, Map<AgentPubKey, Reading>>();

  /** What is known, or is being read. What is not there or not enabled is read again each time. */
  read(keys: AgentKeys, peer: AgentPubKey, read: () => Reading): Reading {
    const readings = this.readingsOf(keys);
    const known = readings.get(peer);
    if (known !== undefined) return known;
    const reading = read();
    // While it is being read, so that who switches it meanwhile has something to forget.
    readings.set(peer, reading);
    const forget = (): void => {
      if (readings.get(peer) === reading) readings.delete(peer);
    };
    reading.then((clone) => {
      if (clone === null) forget();
    }, forget);
    return reading;
  }

  /** To be called after each write of the clone. */
  forget(keys: AgentKeys, peer: AgentPubKey): void {
    this.readingsOf(keys).delete(peer);
  }

  /** To be called after a write of all clones of an agent. */
  forgetAll(keys: AgentKeys): void {
    this.readings.delete(keys);
  }

  private readingsOf(keys: AgentKeys): Map<AgentPubKey, Reading> {
    const readings = this.readings.get(keys) ?? new Map<AgentPubKey, Reading>();
    this.readings.set(keys, readings);
    return readings;
  }
}
