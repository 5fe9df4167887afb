import { untilEqual } from '../../../../test/support/until.js';
import { type Correspondents } from './correspondents.js';

/** Bob promises a message of Alice's, who dies before she commits it. */
export async function promiseLeftOpen(both: Correspondents): Promise<ReturnType<Correspondents['draft']>> {
  const draft = both.draft(both.alice, both.bob);
  both.commits.set([{ fault: { kind: 'crash-before' }, step: 'save', times: 1 }]);
  // It never ends, short of the session's end.
  both.strategy.save(draft).catch(() => undefined);
  await untilEqual(2, () => sessionsOf(both));
  return draft;
}

export async function sessionsOf({ context }: Correspondents): Promise<number> {
  const rows = await context.db.query<unknown[]>('select 1 from countersigning_session');
  return rows.length;
}
