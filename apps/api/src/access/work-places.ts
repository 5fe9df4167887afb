import { Inject, Injectable } from '@nestjs/common';
import { type Clock } from '@musubi/messaging';
import { NODE } from '../node/tokens.js';
import { TryLaterError } from '../problem/api-error.js';
import { type Payer } from './work-budget.js';

/** Under way at once: of an agent, of a network, and in this process. */
export const UNDERWAY = { agent: 2, network: 3, all: 4 } as const;
/** Waiting for a place: of an agent, of a network, and in this process. */
export const WAITING = { agent: 16, network: 64, all: 256 } as const;
/** How long work waits for a place before it is refused, in milliseconds. */
export const PLACE_WAIT_MS = 2000;
const RETRY_AFTER_S = 2;

interface Waiter extends Payer {
  isStarted: boolean;
  readonly wake: AbortController;
}

interface Bounds {
  readonly agent: number;
  readonly network: number;
  readonly all: number;
}

/** How much there is of each agent, of each network, and in all. What has none takes no memory. */
class Counts {
  private readonly counts = new Map<string, number>();
  private total = 0;

  constructor(private readonly bounds: Bounds) {}

  hasRoom({ agent, network }: Payer): boolean {
    const { bounds } = this;
    return this.total < bounds.all && this.of(network) < bounds.network && this.of(agent) < bounds.agent;
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  add({ agent, network }: Payer, change: 1 | -1): void {
    this.total += change;
    for (const name of [agent, network]) {
      const count = this.of(name) + change;
      if (count === 0) this.counts.delete(name);
      else this.counts.set(name, count);
    }
  }
}

/**
 * Places for heavy work: few at once, and fewer for one agent and one network. The rest waits for a moment. A free place
 * goes to the network that was served longest ago, and there to the agent, whatever the others have waiting.
 */
@Injectable()
export class WorkPlaces {
  private readonly clock: Pick<Clock, 'sleep'>;
  private readonly underway = new Counts(UNDERWAY);
  private readonly waiting = new Counts(WAITING);
  private readonly queue = new Set<Waiter>();
  /** Which place each of those that are here was given last, counted from 1. */
  private readonly served = new Map<string, number>();
  private given = 0;

  constructor(@Inject(NODE) { clock }: { readonly clock: Pick<Clock, 'sleep'> }) {
    this.clock = clock;
  }

  /** Does the work in its turn. @throws TryLaterError when too much waits already, or this has waited for too long */
  async inTurn<Value>(payer: Payer, work: () => Promise<Value>): Promise<Value> {
    if (this.underway.hasRoom(payer)) this.occupy(payer);
    else await this.waitFor(payer);
    try {
      return await work();
    } finally {
      this.underway.add(payer, -1);
      this.startNext();
      this.forget(payer);
    }
  }

  private async waitFor({ agent, network }: Payer): Promise<void> {
    const waiter: Waiter = { agent, network, isStarted: false, wake: new AbortController() };
    if (!this.waiting.hasRoom(waiter)) throw tooMuch();
    this.queue.add(waiter);
    this.waiting.add(waiter, 1);
    await this.clock.sleep(PLACE_WAIT_MS, waiter.wake.signal);
    if (waiter.isStarted) return;
    this.leave(waiter);
    this.forget(waiter);
    throw tooMuch();
  }

  private startNext(): void {
    const [next] = [...this.queue]
      .filter((waiter) => this.underway.hasRoom(waiter))
      .sort(
        (one, other) =>
          this.lastOf(one.network) - this.lastOf(other.network) ||
          this.lastOf(one.agent) - this.lastOf(other.agent),
      );
    if (next === undefined) return;
    this.leave(next);
    this.occupy(next);
    next.isStarted = true;
    next.wake.abort('started');
  }

  private occupy(payer: Payer): void {
    this.underway.add(payer, 1);
    this.given += 1;
    this.served.set(payer.network, this.given).set(payer.agent, this.given);
  }

  private leave(waiter: Waiter): void {
    this.queue.delete(waiter);
    this.waiting.add(waiter, -1);
  }

  private lastOf(name: string): number {
    return this.served.get(name) ?? 0;
  }

  private forget({ agent, network }: Payer): void {
    for (const name of [agent, network]) {
      if (this.underway.of(name) + this.waiting.of(name) === 0) this.served.delete(name);
    }
  }
}

function tooMuch(): TryLaterError {
  return new TryLaterError(
    'unavailable',
    'Too many pages and batches are under way: try again later.',
    RETRY_AFTER_S,
  );
}
