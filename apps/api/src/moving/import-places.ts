import { TryLaterError } from '../problem/api-error.js';

const RETRY_AFTER_S = 5;

/**
 * How many files are taken at once: each holds a connection to the database for as long as it arrives, and others need
 * one too. One network has half of the places.
 */
export class ImportPlaces {
  private readonly ofNetwork = new Map<string, number>();
  private taken = 0;

  constructor(private readonly places: number) {}

  /** @throws TryLaterError */
  async take<Value>(network: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.ofNetwork.get(network) ?? 0;
    if (this.taken >= this.places || before >= Math.ceil(this.places / 2))
      throw new TryLaterError('unavailable', 'Other agents are being imported: try again.', RETRY_AFTER_S);
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
