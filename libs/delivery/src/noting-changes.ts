import { type Rows, type Sql, transact, writeInTurn } from '@musubi/database';
import { type DataSource } from 'typeorm';

/** The name of a step: holder, placement, key of the message, step. */
export type StepName = readonly [Uint8Array, string, Uint8Array, string];

export interface ChangeNoting {
  readonly db: DataSource;
  /**
   * What notes that messages (holder, placement, key) changed whose sending stands differently: their holder is shown
   * it. Nothing is noted when absent.
   */
  readonly changed?: (messages: readonly (readonly unknown[])[]) => Rows;
}

/** Does the work, and notes in the same transaction whose sending it concerns. Messages are locked before their steps. */
export function notingChanges<Result>(
  { db, changed }: ChangeNoting,
  steps: readonly StepName[],
  work: (tx: Sql) => Promise<Result>,
): Promise<Result> {
  const messages = steps.filter(([, , , step]) => step === 'send').map((name) => name.slice(0, 3));
  if (changed === undefined || messages.length === 0) return work(db);
  return transact(db, async (tx) => {
    await writeInTurn(tx, [changed(messages)]);
    return work(tx);
  });
}
