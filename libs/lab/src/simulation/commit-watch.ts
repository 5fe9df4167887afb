import { type Activity, CommitLog, type TimeOf, type Unreadable } from '@musubi/observers';
import { type DataSource } from 'typeorm';
import { type SimulatedClock } from '../node/lab-clock.js';
import { type RealTime, skewOf } from '../node/real-time.js';

interface WatchParts {
  readonly db: DataSource;
  readonly clock: Pick<SimulatedClock, 'shownAt'>;
  readonly log: CommitLog;
  /** By how much the server's clock is ahead of this process's. µs */
  readonly skew: number;
}

/** The commit times that the disk of a simulated server shows, as they would be if its clock had been the simulation's. */
export class CommitWatch {
  private constructor(private readonly parts: WatchParts) {}

  /** Watches from now on. */
  static async open(db: DataSource, clock: SimulatedClock, now: RealTime): Promise<CommitWatch> {
    const [row] = await db.query<{ lsn: string }[]>('select pg_current_wal_insert_lsn()::text as lsn');
    const log = new CommitLog(db, row?.lsn ?? '');
    return new CommitWatch({ db, clock, log, skew: await skewOf(db, now) });
  }

  get unreadable(): Unreadable | null {
    return this.parts.log.unreadable;
  }

  /**
   * Reads on, everything having been written out. That is what a commit does for which somebody waits; a
   * simulation's do not.
   */
  async look(): Promise<void> {
    await this.parts.db.transaction(async (tx) => {
      await tx.query('set local synchronous_commit = on');
      await tx.query(`select pg_logical_emit_message(true, 'musubi/lab', '')`);
    });
    await this.parts.log.readOn();
  }

  /**
   * When transactions were committed, in simulated µs: the time that the clock had been put forward to, and one more
   * for each transaction that was committed since. So the order is that of the commits, and how long the machine took
   * for each has no part in it.
   * @param activity its times are transactions' numbers
   */
  timesOf({ at }: Activity): TimeOf {
    const { clock, log, skew } = this.parts;
    const committed = [...new Set(at)].flatMap((transaction) => {
      const real = log.timeOf(transaction);
      return real === undefined ? [] : [{ transaction, real }];
    });
    committed.sort((one, other) => one.real - other.real);
    const times = new Map<number, number>();
    let last = -Infinity;
    for (const { transaction, real } of committed) {
      last = Math.max(last + 1, clock.shownAt(real - skew));
      times.set(transaction, last);
    }
    return (transaction) => times.get(transaction);
  }
}
