import { type Wait } from '@musubi/delivery';
import { type Clock } from '@musubi/messaging';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';

/** How long a caller may wait once the service closes, in milliseconds. */
const CLOSING_WAIT_MS = 1000;

/** Callers that wait, until the service closes: then they are answered with what there is, before they are cut off. */
@Injectable()
export class Waits implements BeforeApplicationShutdown {
  private readonly waits = new Set<AbortController>();
  private isClosing = false;
  private readonly clock: Pick<Clock, 'sleep'>;

  constructor(@Inject(NODE) { clock }: Pick<ServiceNode, 'clock'>) {
    this.clock = clock;
  }

  /** For a caller that waits for so many milliseconds; `undefined` for one that does not wait. */
  upTo(ms: number): Wait | undefined {
    return ms === 0 ? undefined : (promise) => this.within(ms, promise);
  }

  beforeApplicationShutdown(): void {
    this.isClosing = true;
    setTimeout(() => {
      for (const wait of this.waits) wait.abort('closing');
    }, CLOSING_WAIT_MS).unref();
  }

  /** @returns `undefined` when the time, in milliseconds, is over first */
  private async within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
    const done = new AbortController();
    const limit = this.isClosing ? Math.min(ms, CLOSING_WAIT_MS) : ms;
    this.waits.add(done);
    try {
      return await Promise.race([promise, this.clock.sleep(limit, done.signal).then(() => undefined)]);
    } finally {
      this.waits.delete(done);
      // With a reason of its own: an exception made for each act that nobody looks at takes 0.1 ms.
      done.abort('over');
    }
  }
}
