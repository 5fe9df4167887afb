import { type Clock } from '@musubi/messaging';
import { TryLaterError } from '../problem/api-error.js';
import { type Payer } from './work-budget.js';

interface Waiter extends Payer {
  isStarted: boolean;
  readonly wake: AbortController;
}

/** Of an agent, of a network, and in this process. */
interface Bounds {
  readonly agent: number;
  readonly network: number;
  readonly all: number;
}

interface FairTurnsOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Under way at once. */
  readonly underway: Bounds;
  /** Waiting for a place. */
  readonly waiting: Bounds;
  /** How long work waits for a place before it is refused, in milliseconds. */
  readonly waitMs: number;
  /** What the refusal says. */
  readonly refusal: string;
}

const RETRY_AFTER_S = 2;

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
export class FairTurns {
  private readonly underway: Counts;
  private readonly waiting: Counts;
  private readonly queue = new Set<Waiter>();
  /** Which place each of those that are here was given last, counted from 1. */
  private readonly served = new Map<string, number>();
  private given = 0;

  constructor(private readonly options: FairTurnsOptions) {
    this.underway = new Counts(options.underway);
    this.waiting = new Counts(options.waiting);
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
    if (!this.waiting.hasRoom(waiter)) throw this.tooMuch();
    this.queue.add(waiter);
    this.waiting.add(waiter, 1);
    await this.options.clock.sleep(this.options.waitMs, waiter.wake.signal);
    if (waiter.isStarted) return;
    this.leave(waiter);
    this.forget(waiter);
    throw this.tooMuch();
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

  private tooMuch(): TryLaterError {
    return new TryLaterError('unavailable', this.options.refusal, RETRY_AFTER_S);
  }
}
