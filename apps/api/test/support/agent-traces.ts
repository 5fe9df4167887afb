import { type TestDatabase } from '@musubi/database/testing';
import { untilEqual } from '../../../../test/support/until.js';

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
}

type Db = Pick<TestDatabase, 'dataSource'>;

/** Every column of every table in which the agent's key stands somewhere: as bytes, or as the text that the API shows. */
export async function tracesOf(database: Db, agent: string): Promise<readonly string[]> {
  const key = Buffer.from(agent, 'base64url');
  const columns: Column[] = await database.dataSource.query(
    `select table_name, column_name, data_type from information_schema.columns
     join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' and data_type in ('bytea', 'text')
     order by table_name, column_name`,
  );
  const found: string[] = [];
  for (const { column_name: column, data_type: type, table_name: table } of columns) {
    const [row]: { has: boolean }[] = await database.dataSource.query(
      `select exists (select from "${table}" where position($1::${type} in "${column}") > 0) as has`,
      [type === 'bytea' ? key : agent],
    );
    if (row?.has === true) found.push(`${table}.${column}`);
  }
  return found;
}

/** How many rows each table has. */
export async function sizes(database: Db): Promise<Readonly<Record<string, number>>> {
  const tables: { table_name: string }[] = await database.dataSource.query(
    `select table_name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`,
  );
  const counted: Record<string, number> = {};
  for (const { table_name: table } of tables) {
    const [row]: { rows: number }[] = await database.dataSource.query(
      `select count(*)::int as rows from "${table}"`,
    );
    counted[table] = row?.rows ?? 0;
  }
  return counted;
}

/** Resolves when no deleted agent has rows left to delete. */
export async function untilCleared(database: Db): Promise<void> {
  await untilEqual(0, async () => {
    const [row]: { left: number }[] = await database.dataSource.query(
      'select count(*)::int as left from agent_fence where is_clearing',
    );
    return row?.left ?? -1;
  });
}
