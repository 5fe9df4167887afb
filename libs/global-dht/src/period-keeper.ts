import { type DhtFeed, type FeedState } from '@musubi/cell';
import { type Clock, type Day, type Log, dayOf } from '@musubi/messaging';
import { type MailboxWatch } from './mailbox-watch.js';
import { type ReadingMarkStore } from './reading-mark.store.js';

/**
 * How long a period lasts at least, in milliseconds: far longer than a statement that began in the one before (30 s), so
 * that nothing is filed any more under a period that ended two periods ago. Longer where the day went back: of two
 * processes, one is wrong, and they would end it in turn.
 */
const SHORTEST_MS = 60_000;
const SHORTEST_BACK_MS = 3_600_000;
/** Marks in one statement. */
const MARKS_AT_ONCE = 500;

interface PeriodKeeperParts {
  readonly feed: DhtFeed;
  readonly marks: ReadingMarkStore;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Ends a period when the day has changed, and notes what agents have read. A mark is the number of a period, never a
 * day: a clock that is wrong makes periods longer or shorter, and no mark untrue.
 */
export class PeriodKeeper {
  private steadyMs = 0;
  private changedMs = 0;
  private state: FeedState | null = null;
  private lastDay: Day | null = null;

  constructor(private readonly parts: PeriodKeeperParts) {}

  /** So much time went by. */
  pass(elapsedMs: number): void {
    this.steadyMs += elapsedMs;
  }

  /** The number of the period that runs, or of one before; `null` before the first look. */
  get known(): number | null {
    return this.state?.period ?? null;
  }

  async look(): Promise<FeedState> {
    const state = await this.parts.feed.state();
    if (state.period !== this.state?.period) this.changedMs = this.steadyMs;
    this.state = state;
    return state;
  }

  /** Begins a period if it is time, and lets go of arrivals that everybody has had the time to read. */
  async moveOn(): Promise<void> {
    const { clock, feed } = this.parts;
    const today = dayOf(clock.now());
    this.tellOfJump(today);
    await feed.trim(this.steadyMs);
    if (this.state === null || this.state.began === today) return;
    const isForward = this.state.began === null || today > this.state.began;
    const shortest = isForward ? SHORTEST_MS : SHORTEST_BACK_MS;
    if (this.steadyMs - this.changedMs >= shortest) await feed.advance(this.state.period, today);
  }

  /** Notes for those who have taken everything that they have read the periods that nothing is filed under any more. */
  async note(watches: readonly MailboxWatch[]): Promise<void> {
    const period = (this.state?.period ?? 0) - 1;
    const done = watches.filter(
      ({ isLoaded, mark, reader }) => isLoaded && period > (mark ?? -1) && reader.isDone,
    );
    for (let from = 0; from < done.length; from += MARKS_AT_ONCE) {
      const some = done.slice(from, from + MARKS_AT_ONCE).filter(({ isClosed }) => !isClosed);
      await this.parts.marks.set(some.map(({ keys }) => ({ keys, period })));
      for (const watch of some) {
        watch.mark = period;
        watch.past = [];
      }
    }
  }

  private tellOfJump(today: Day): void {
    const days = today - (this.lastDay ?? today);
    this.lastDay = today;
    if (days < 0 || days > 1) this.parts.log.warn('mailbox-day-jumped', { days });
  }
}
