import { TryLaterError } from '../problem/api-error.js';

const RETRY_AFTER_S = 5;

/**
 * How many files come or go at once: each that comes holds a connection to the database, and each that goes some megabytes
 * and an agent's keys, for as long as the other side likes. One network has half of the places.
 */
export class MovePlaces {
  private readonly ofNetwork = new Map<string, number>();
  private taken = 0;

  /** @param refusal what one without a place is told */
  constructor(
    private readonly places: number,
    private readonly refusal: string,
  ) {}

  /** @throws TryLaterError */
  async take<Value>(network: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.ofNetwork.get(network) ?? 0;
    if (this.taken >= this.places || before >= Math.ceil(this.places / 2))
      throw new TryLaterError('unavailable', this.refusal, RETRY_AFTER_S);
    this.count(network, 1);
    try {
      return await work();
    } finally {
      this.count(network, -1);
    }
  }

  private count(network: string, change: number): void {
    this.taken += change;
    const now = (this.ofNetwork.get(network) ?? 0) + change;
    if (now === 0) this.ofNetwork.delete(network);
    else this.ofNetwork.set(network, now);
  }
}
