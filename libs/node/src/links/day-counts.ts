import { type Day } from '@musubi/messaging';

/** Names that one day may bring. More are refused, so that a flood of new names takes a bounded memory. */
const MOST_NAMES = 100_000;

/** Counts by name, for a day, in memory. */
export class DayCounts {
  private day: Day | undefined;
  private readonly counts = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Another day, also an earlier one of a clock that was set, begins anew. */
  hasRoom(name: string, day: Day): boolean {
    if (day !== this.day) this.counts.clear();
    this.day = day;
    const count = this.counts.get(name);
    return count === undefined ? this.counts.size < MOST_NAMES : count < this.limit;
  }

  add(name: string, by: 1 | -1): void {
    const count = (this.counts.get(name) ?? 0) + by;
    if (count > 0) this.counts.set(name, count);
    else this.counts.delete(name);
  }
}
