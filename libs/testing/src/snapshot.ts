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
    for (const name of tablesOf(db)) {
      await tx.query(
        `truncate public."${name}"; insert into public."${name}" select * from snapshot."${name}"`,
      );
    }
  });
}

function tablesOf(db: DataSource): readonly string[] {
  return db.entityMetadatas.map(({ tableName }) => tableName);
}
