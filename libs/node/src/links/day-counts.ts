import { type Day } from '@musubi/messaging';

/** Names that one day may bring. More are refused, so that a flood of new names takes a bounded memory. */
const MOST_NAMES = 100_000;

/** Counts by name, for a day, in memory. */
export class DayCounts {
  private day: Day | undefined;
  private counts = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Another day, also an earlier one of a clock that was set, begins anew. */
  hasRoom(name: string, day: Day): boolean {
    if (day !== this.day) this.counts = new Map();
    this.day = day;
    const count = this.counts.get(name);
    return count === undefined ? this.counts.size < MOST_NAMES : count < this.limit;
  }

  /** @returns what gives it back, to the day that it was taken from */
  take(name: string): () => void {
    const { counts } = this;
    const change = (by: 1 | -1): void => {
      const count = (counts.get(name) ?? 0) + by;
      if (count > 0) counts.set(name, count);
      else counts.delete(name);
    };
    change(1);
    return () => {
      change(-1);
    };
  }
}
