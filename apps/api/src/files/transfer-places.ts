import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { type Payer } from '../access/work-budget.js';
import { TryLaterError } from '../problem/api-error.js';

/** Each has up to a megabyte in memory. */
const MAX_OF_AGENT = 4;
/** Of those behind one address: the rest is for everybody else. */
const MAX_OF_NETWORK = 16;
const MAX = 32;
const RETRY_AFTER_S = 2;

/** Counts the files that are just being uploaded and downloaded in this process. */
@Injectable()
export class TransferPlaces {
  private readonly ofAgent = new Counts<AgentPubKey>();
  private readonly ofNetwork = new Counts<string>();
  private total = 0;

  /** @returns gives the place back, once. @throws TryLaterError when all are taken */
  take({ agent, network }: Payer): () => void {
    const isFull =
      this.ofAgent.of(agent) >= MAX_OF_AGENT ||
      this.ofNetwork.of(network) >= MAX_OF_NETWORK ||
      this.total >= MAX;
    if (isFull)
      throw new TryLaterError('unavailable', 'Too many files are under way: try again later.', RETRY_AFTER_S);
    const add = (count: 1 | -1): void => {
      this.ofAgent.add(agent, count);
      this.ofNetwork.add(network, count);
      this.total += count;
    };
    add(1);
    let isTaken = true;
    return () => {
      if (isTaken) add(-1);
      isTaken = false;
    };
  }
}

/** How many each has; those that have none take no room. */
class Counts<Key> {
  private readonly counts = new Map<Key, number>();

  of(key: Key): number {
    return this.counts.get(key) ?? 0;
  }

  add(key: Key, count: number): void {
    const sum = this.of(key) + count;
    if (sum === 0) this.counts.delete(key);
    else this.counts.set(key, sum);
  }
}
