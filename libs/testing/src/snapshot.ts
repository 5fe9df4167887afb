import { type DataSource } from 'typeorm';

/** All tables as they are at one moment, as a dump has them. */
export async function takeSnapshot(db: DataSource): Promise<void> {
  await db.transaction('REPEATABLE READ', async (tx) => {
    await tx.query('create schema snapshot');
    for (const name of tablesOf(db)) {
      await tx.query(`create table snapshot."${name}" as table public."${name}"`);
    }
  });
}

/** Brings back what the snapshot has, and nothing else. */
export async function restoreSnapshot(db: DataSource): Promise<void> {
  await db.transaction(async (tx) => {
    const tables = tablesOf(db);
    // Together, as some refer to others.
    await tx.query(`truncate ${tables.map((name) => `public."${name}"`).join(', ')}`);
    for (const name of tables) {
      await tx.query(`insert into public."${name}" select * from snapshot."${name}"`);
    }
  });
}

/** Those that others refer to come first. */
function tablesOf(db: DataSource): readonly string[] {
  return db.entityMetadatas.map(({ tableName }) => tableName);
}
