import { orAborted } from './waiting.js';

/** Lets only so many pieces of work run at once; the others wait in the order in which they came. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async run<Value>(work: () => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    await this.take(signal);
    try {
      return await work();
    } finally {
      this.give();
    }
  }

  private async take(signal: AbortSignal | undefined): Promise<void> {
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    const turn = new Promise<void>((resolve) => this.waiting.push(resolve));
    await orAborted(turn, signal, () => {
      this.give();
    });
  }

  private give(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}
