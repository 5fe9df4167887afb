import { fromBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement } from '@musubi/database';
import { type Day, type SpaceId, dayOf } from '@musubi/messaging';
import { type SignedAction } from '../chain/action.js';

/** This transaction's number, as `dht_arrival` has it. */
export const THIS_TRANSACTION = 'pg_current_xact_id()::text::bigint';

/** Announces the links that the statement before has written: those that are new. */
export const INSERT_ARRIVALS = `
  insert into dht_arrival (transaction, author, seq, base)
  select ${THIS_TRANSACTION}, author, seq, base from $before`;

/** Under the period that runs: the first one, where none was ever begun. */
const INSERT_DAYS = new RowsStatement(`
  insert into dht_day (space, period, day)
  select space, (select coalesce(max(number), 0) from dht_period), day from unnest($1::bytea[], $2::int[]) as n (space, day)
  on conflict on constraint dht_day_once do nothing`);

/** For so long a day need not be filed again. A period lasts a minute at least, and marks stay one behind. */
const FILED_FOR_MS = 10_000;

/** The days of a process's links, each filed under the period in which they are published. */
export class PublishedDays {
  /** Until when each is filed, by a clock that nobody sets. */
  private readonly filed = new Map<string, number>();

  /** For the same statement as the links. @returns the rows, and what to call when they are committed */
  rowsOf(actions: readonly SignedAction[]): { readonly rows: Rows; readonly noteCommitted: () => void } {
    const now = performance.now();
    const days = new Map<string, readonly [SpaceId, Day]>();
    for (const { action } of actions) {
      const name = `${action.space}/${dayOf(action.at)}`;
      if (action.content.type !== 'create-link' || (this.filed.get(name) ?? 0) > now) continue;
      days.set(name, [action.space, dayOf(action.at)]);
    }
    const rows = [...days.values()].map(([space, day]) => [fromBase64Url(space), day]);
    const noteCommitted = (): void => {
      for (const name of days.keys()) this.filed.set(name, now + FILED_FOR_MS);
    };
    return { rows: { statement: INSERT_DAYS, rows }, noteCommitted };
  }

  /** A period may have begun. */
  forget(): void {
    this.filed.clear();
  }
}
