import { type ObserverReport, type PlacementReport, type Report } from '../report.js';
import { type Row, type Section, noted, table } from './layout.js';
import { type Content } from './markup.js';
import { amount, counted, interval } from './numbers.js';
import { defaultsFirst, notMeasured } from './placements.js';

/** Each attack, and what it goes by. */
const ATTACKS: readonly (readonly [attack: string, clue: string])[] = [
  ['named-together', 'rows that name both'],
  ['shared-value', 'equal hashes, ids'],
  ['soon-after', 'order and time'],
  ['statistical-disclosure', 'order and time, in rounds'],
  ['least-squares-disclosure', 'all rounds at once'],
  ['volume', 'how much there is of whom'],
];

/** What gives the graph away: rows that say it, or order and time alone. */
export function clues(report: Report): Section {
  const { truePairs, pairs } = report.controls.volume;
  const content = defaultsFirst(report, (placements) =>
    table({
      caption: `AUC of each attack for itself, with its 95 % interval; “nothing” where there was nothing to go by. The first two
read what rows say; the next three know only who wrote a row after whom, within the window that is named, and would be left even if no
row said anything; the last knows only how many rows there are of each agent, or at an address that its key tells. ${counted(pairs, 'pair')}, ${truePairs} of them true. Messages until rank 1: the median over agents, seen so
often as is said; “more” where half of the agents’ peers did not come first.`,
      columns: [
        'Observer',
        ...ATTACKS.map(([attack, clue]) => noted(attack, clue)),
        'Acts seen',
        'Messages until rank 1',
      ],
      groups: placements.map((placement) => ({ heading: placement.variant, rows: rowsOf(placement) })),
    }),
  );
  return { id: 'clues', heading: 'By which clue the graph is known', content };
}

function rowsOf(placement: PlacementReport): readonly Row[] {
  const { observers } = placement;
  if (observers === null) {
    const cells = Array.from({ length: ATTACKS.length + 2 }, () => notMeasured(placement));
    return [{ head: 'all', cells }];
  }
  return observers.map((observer) => ({
    head: observer.observer,
    cells: [...ATTACKS.map(([attack]) => areaOf(observer, attack)), actsOf(observer), untilRankOne(observer)],
  }));
}

function areaOf({ attacks }: ObserverReport, name: string): Content {
  const found = attacks.find(({ attack }) => attack === name);
  return found === undefined ? 'nothing' : noted(found.auc.toFixed(2), interval(found.aucInterval));
}

function actsOf({ timing: { acts, clock, window } }: ObserverReport): Content {
  const within = clock === 'transactions' ? `${window} transactions` : `${amount(window / 1e6)} s`;
  return noted(amount(acts), `within ${within}`);
}

function untilRankOne({ untilRankOne: { median, reached, agents, glimpses } }: ObserverReport): Content {
  const sample = `${reached} of ${counted(agents, 'agent')}, seen at ${glimpses.join(', ')}`;
  return noted(median === null ? 'more' : amount(median), sample);
}
