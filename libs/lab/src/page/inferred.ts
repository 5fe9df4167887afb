import { type ObserverReport, type PlacementReport, type Report } from '../report/report.js';
import { type Row, type Section, noted, table } from './layout.js';
import { interval } from './numbers.js';
import { defaultsFirst, notMeasured } from './placements.js';

/** Attacks that no row tells: conversations that mirror one another, sums, contact requests; once, and in several looks. */
const INFERRED = [
  'mirrored-sizes',
  'mirrored-conversations',
  'mailbox-sums',
  'row-sums',
  'sampled-sums',
  'bracketed-',
  'requests-',
  'acts-together',
];

/** What is put together from rows that say nothing of pairs. */
export function inferred(report: Report): Section {
  const content = defaultsFirst(report, (placements) =>
    table({
      caption: `AUC of attacks that go by what rows add up to, with its 95 % interval. Both sides of a conversation keep as many rows, in
the same order (mirrored); a mailbox that names nobody has as many rows as its two agents have of it (sums); a message makes
as many rows at either end on one day, or between two looks (row sums, sampled sums, and bracketed sums, which count rows
that a party does not hold by the numbers of those that it holds); mailboxes are born and grow when somebody is asked for
contact (requests). Snapshots are the operator's, at quarters of the time; polls are a
crawler's, by its own clock.`,
      columns: ['Observer', 'Attack', 'AUC'],
      groups: placements.map((placement) => ({ heading: placement.variant, rows: rowsOf(placement) })),
    }),
  );
  return { id: 'inferred', heading: 'What is put together from many rows', content };
}

function rowsOf(placement: PlacementReport): readonly Row[] {
  const { observers } = placement;
  if (observers === null) return [{ head: 'all', cells: [notMeasured(placement), notMeasured(placement)] }];
  const rows = observers.flatMap(rowsOfParty);
  return rows.length > 0 ? rows : [{ head: 'all', cells: ['any', 'nothing'] }];
}

function rowsOfParty({ observer, attacks, notAttempted }: ObserverReport): readonly Row[] {
  const made = attacks
    .filter(({ attack }) => INFERRED.some((start) => attack.startsWith(start)))
    .map(({ attack, auc, aucInterval }) => ({
      head: observer,
      cells: [attack, noted(auc.toFixed(2), interval(aucInterval))],
    }));
  const left = notAttempted.map(({ attack, reason }) => ({
    head: observer,
    cells: [attack, noted('not attempted', reason)],
  }));
  return [...made, ...left];
}
