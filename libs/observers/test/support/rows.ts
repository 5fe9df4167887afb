import { type HeldRow, type Observer } from '@musubi/observers';

export async function rowsHeldBy(observer: Observer): Promise<readonly HeldRow[]> {
  const rows: HeldRow[] = [];
  for await (const row of observer.rows()) rows.push(row);
  return rows;
}
