import { TimeoutError } from './errors.js';
import { type Transport, isPassing } from './transport.js';
import { withLimits } from './waiting.js';

/** Nobody waits for a deletion much longer than for the error that came before it. */
const DELETION_MS = 3000;

/**
 * Uploads that were given up, until the service has deleted them. The network that broke an upload mostly breaks its deletion, too,
 * and what the service keeps of it takes room for a day.
 */
export class AbandonedUploads {
  private readonly addresses = new Set<string>();
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly transport: Transport) {}

  /** Deletes it at once, or before the next upload begins. */
  add(address: string): void {
    this.addresses.add(address);
    void this.sweep();
  }

  /** Tries once more to delete what is left. It never fails. */
  sweep(): Promise<void> {
    this.last = this.last.then(async () => {
      await Promise.all([...this.addresses].map((address) => this.discard(address)));
    });
    return this.last;
  }

  private async discard(address: string): Promise<void> {
    try {
      await this.delete(address);
    } catch (error) {
      if (isPassing(error)) return;
    }
    this.addresses.delete(address);
  }

  private delete(address: string): Promise<Response> {
    const timeout = (): Error => new TimeoutError(address, DELETION_MS);
    return withLimits({ signals: [], timeoutMs: DELETION_MS, timeout }, (signal) => {
      const fetch = this.transport.for({ isSingle: true, signal });
      return fetch(new Request(address, { method: 'DELETE', redirect: 'error' }));
    });
  }
}
