import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { rowsOf } from './row-stream.js';

/** Who runs a node: every column of every table of its database, and no agent's key. */
export class Operator implements Observer {
  readonly name = 'operator';

  constructor(private readonly db: DataSource) {}

  async *rows(): AsyncGenerator<HeldRow> {
    for (const { table, quoted } of await tablesOf(this.db)) {
      for await (const values of rowsOf(this.db, `select * from ${quoted}`))
        yield { table, values: { ...values } };
    }
  }
}

/** A table's name, as it is and as SQL spells it. */
interface TableName {
  readonly table: string;
  readonly quoted: string;
}

/** Asked of the database itself, so that a table nobody told of is read too. */
export function tablesOf(db: DataSource): Promise<readonly TableName[]> {
  return db.query<TableName[]>(`
    select table_name as "table", quote_ident(table_name) as quoted
    from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'
    order by table_name`);
}
