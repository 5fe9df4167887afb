import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { tablesOf } from './operator.observer.js';
import { rowsOf } from './row-stream.js';

type DiskRow = Readonly<Record<string, unknown>> & { readonly xmin_: string };

interface WholeDiskOptions {
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
    const orderly = this.options.hasOneWriter ? await onlyGrown(this.db) : new Set<string>();
    for (const { table, quoted } of await tablesOf(this.db)) {
      const isInHeapOrder = orderly.has(table);
      const sql = `select t.*, t.xmin::text as xmin_ from ${quoted} t order by t.ctid`;
      for await (const { xmin_: transaction, ...values } of rowsOf<DiskRow>(this.db, sql)) {
        yield { table, values, at: Number(transaction), isInHeapOrder };
      }
    }
  }
}

/**
 * Tables no row of which was ever updated or deleted, by the server's own statistics, which lie on the disk too. In any
 * other, what comes later is put where there is room, and when room is made depends on vacuum and on other databases.
 */
async function onlyGrown(db: DataSource): Promise<ReadonlySet<string>> {
  await db.query('select pg_stat_force_next_flush()');
  const tables = await db.query<{ table: string }[]>(`
    select relname as "table" from pg_stat_user_tables
    where schemaname = current_schema() and n_tup_upd = 0 and n_tup_del = 0`);
  return new Set(tables.map(({ table }) => table));
}
