import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { tablesOf } from './operator.observer.js';
import { rowsOf } from './row-stream.js';

type DiskRow = Readonly<Record<string, unknown>> & { readonly xmin_: string };

export interface WholeDiskOptions {
  /** Whether rows lie in the order in which they were written. Several connections at once fill pages of their own. */
  readonly hasOneWriter: boolean;
}

/**
 * Who has the disk: all that an operator has, and what PostgreSQL keeps beside the columns. The number of the
 * transaction that wrote a row (xmin) rises with time, so that a table without a clock still tells who wrote soon after
 * whom; it is the party's clock here. Rows come in the order in which they lie.
 */
export class WholeDisk implements Observer {
  readonly name = 'whole-disk';

  /** @param options what is known of how the disk was written; one connection when absent */
  constructor(
    private readonly db: DataSource,
    private readonly options: WholeDiskOptions = { hasOneWriter: true },
  ) {}

  async *rows(): AsyncGenerator<HeldRow> {
    const { hasOneWriter: isInHeapOrder } = this.options;
    for (const { table, quoted } of await tablesOf(this.db)) {
      const sql = `select t.*, t.xmin::text as xmin_ from ${quoted} t order by t.ctid`;
      for await (const { xmin_: transaction, ...values } of rowsOf<DiskRow>(this.db, sql)) {
        yield { table, values, at: Number(transaction), isInHeapOrder };
      }
    }
  }
}
