import { type DataSource } from 'typeorm';

const OF_HOLDER = ['history', 'receipt', 'unread_mark', 'change_counter', 'change_epoch'] as const;
const OF_ALL = 'current_change_epoch';

/** All rows of one holder, as a backup of one moment has them. */
export type Backup = Readonly<Record<string, unknown>>;

/** One statement, and so one moment, whatever is written meanwhile. */
export async function takeBackup(db: DataSource, holder: Uint8Array): Promise<Backup> {
  const rowsOf = (table: string, where = ''): string =>
    `(select coalesce(jsonb_agg(to_jsonb(r)), '[]') from ${table} as r ${where}) as ${table}`;
  const tables = OF_HOLDER.map((table) => rowsOf(table, 'where r.holder = $1'));
  const [backup] = await db.query<Backup[]>(`select ${[...tables, rowsOf(OF_ALL)].join()}`, [holder]);
  if (backup === undefined) throw new Error('a row without a table is always there');
  return backup;
}

export async function restoreBackup(db: DataSource, holder: Uint8Array, backup: Backup): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`delete from ${OF_ALL}`);
    for (const table of OF_HOLDER) await tx.query(`delete from ${table} where holder = $1`, [holder]);
    for (const table of [...OF_HOLDER, OF_ALL]) {
      const rows = JSON.stringify(backup[table]);
      await tx.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
        rows,
      ]);
    }
  });
}

/** What a standby sees that took over: the epoch began on a server that started at another time than this one. */
export async function takeOver(db: DataSource): Promise<void> {
  await db.query(`update ${OF_ALL} set server_started = server_started - interval '1 day'`);
}
