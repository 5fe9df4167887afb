import { type DataSource } from 'typeorm';

/** Rows in memory at once. */
const BATCH = 2000;

/** A query's rows, read through a cursor in one snapshot: an observer reads more than fits in memory. */
export async function* rowsOf<Of extends object>(
  db: DataSource,
  sql: string,
  parameters: readonly unknown[] = [],
): AsyncGenerator<Of> {
  const runner = db.createQueryRunner();
  await runner.startTransaction('REPEATABLE READ');
  try {
    await runner.query(`declare held no scroll cursor for ${sql}`, [...parameters]);
    for (;;) {
      const rows = await runner.manager.query<Of[]>(`fetch ${BATCH} from held`);
      if (rows.length === 0) return;
      yield* rows;
    }
  } finally {
    // What ended the reading is told, and not that its transaction has ended with it.
    await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
}
