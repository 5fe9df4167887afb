import { type DataSource } from 'typeorm';

interface Read {
  readonly sql: string;
  readonly parameters: unknown[];
}

/** The plans of every query that `work` makes outside a transaction, with fresh statistics. */
export async function explainReads(db: DataSource, work: () => Promise<unknown>): Promise<string> {
  await db.query('analyze');
  const reads = await recordReads(db, work);
  const plans: string[] = [];
  for (const { sql, parameters } of reads) {
    const rows = await db.query<Record<string, string>[]>(`explain ${sql}`, parameters);
    plans.push(...rows.flatMap((row) => Object.values(row)));
  }
  return plans.join('\n');
}

async function recordReads(db: DataSource, work: () => Promise<unknown>): Promise<readonly Read[]> {
  const reads: Read[] = [];
  const query = db.query.bind(db);
  db.query = (sql: string, parameters: unknown[] = []) => {
    reads.push({ sql, parameters });
    return query(sql, parameters);
  };
  try {
    await work();
  } finally {
    db.query = query;
  }
  return reads;
}
