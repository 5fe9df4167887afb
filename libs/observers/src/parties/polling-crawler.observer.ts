import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { openSpaces } from './open-spaces.js';
import { rowsOf } from './row-stream.js';

type PublishedRow = Readonly<Record<string, unknown>> & { readonly xmin_: string };

/** What a crawler asks for again and again: actions and links, which say that something is new. */
const TABLES = ['action', 'dht_link'];

/**
 * A crawler that asks again and again, and notes at which of its polls it saw a row for the first time: by its own clock,
 * not by any that the rows have. Here a row has the number of the transaction that published it instead. No crawler sees
 * that number; it stands for the poll until somebody says when the transaction was committed, which is when the next
 * poll would have found the row. So one reading stands for polls however far apart.
 */
export class PollingCrawler implements Observer {
  readonly name = 'polling-crawler';

  constructor(private readonly db: DataSource) {}

  async *rows(): AsyncGenerator<HeldRow> {
    const spaces = await openSpaces(this.db);
    for (const table of TABLES) {
      const sql = `select t.*, t.xmin::text as xmin_ from ${table} t where t.space = any($1)`;
      for await (const { xmin_: transaction, ...values } of rowsOf<PublishedRow>(this.db, sql, [spaces])) {
        yield { table, values, at: Number(transaction) };
      }
    }
  }
}
