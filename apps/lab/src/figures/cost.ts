import { type DataSource } from 'typeorm';

/** What a database holds. */
export interface Footprint {
  readonly rows: number;
  /** As PostgreSQL stores the rows, without indexes and free space. */
  readonly bytes: number;
}

/** Everything that is stored, in every table. */
export async function footprintOf(db: DataSource): Promise<Footprint> {
  const tables = db.entityMetadatas.map(({ tableName }) => tableName);
  const sums = tables.map(
    (table) =>
      `select count(*)::int as rows, coalesce(sum(pg_column_size(t)), 0)::bigint as bytes from "${table}" t`,
  );
  const [found] = await db.query<{ rows: string; bytes: string }[]>(
    `select sum(rows) as rows, sum(bytes) as bytes from (${sums.join(' union all ')}) as each_table`,
  );
  return { rows: Number(found?.rows ?? 0), bytes: Number(found?.bytes ?? 0) };
}

export function difference(after: Footprint, before: Footprint): Footprint {
  return { rows: after.rows - before.rows, bytes: after.bytes - before.bytes };
}
