import { judge } from '../record/rules.js';
import { type Dated, type SignedRecord } from '../record/signed-record.js';
import { type PutOutcome, type StoredRecord } from './record-store.js';

/** What a put comes to. */
interface Placing<Content> {
  readonly outcome: Exclude<PutOutcome, 'full'>;
  /** To be written; `null` when nothing changes. */
  readonly row: StoredRecord<Content> | null;
}

/** The rules of `put`, for every store. */
export function place<Content extends Dated>(
  known: StoredRecord<Content> | undefined,
  incoming: SignedRecord<Content>,
  isPinned: boolean,
): Placing<Content> {
  if (known === undefined) {
    return { outcome: 'stored', row: { record: incoming, isPinned, contactDay: null, fork: null } };
  }
  const pinned = { ...known, isPinned: isPinned || known.isPinned };
  switch (judge(known.record, incoming)) {
    case 'newer':
      return { outcome: 'stored', row: { ...pinned, record: incoming, fork: null } };
    case 'fork':
      return { outcome: 'forked', row: changed(known, { ...pinned, fork: known.fork ?? incoming }) };
    case 'same':
      return { outcome: 'known', row: changed(known, pinned) };
    case 'older':
      return { outcome: 'outdated', row: changed(known, pinned) };
  }
}

function changed<Content>(
  known: StoredRecord<Content>,
  row: StoredRecord<Content>,
): StoredRecord<Content> | null {
  return row.isPinned === known.isPinned && row.fork === known.fork ? null : row;
}
