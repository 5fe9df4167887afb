import {
  type ObserverReport,
  type PlacementReport,
  type Report,
  type TimingReport,
} from '../report/report.js';
import { type Row, type Section, noted, table } from './layout.js';
import { type Content, markup } from './markup.js';
import { amount, counted, interval } from './numbers.js';
import { defaultsFirst, notMeasured } from './placements.js';

type Clue = readonly [attack: string, clue: string];

/** Each attack by rows, and what it goes by. */
const BY_ROWS: readonly Clue[] = [
  ['named-together', 'rows that name both'],
  ['shared-value', 'equal hashes, ids'],
  ['rare-sizes', 'rows of a length that few have'],
  ['heap-order', 'rows that lie side by side'],
  ['heap-twos', 'rows that lie side by side, in twos'],
  ['volume', 'how much there is of whom'],
  ['lesser-volume', 'how much there is of the lesser'],
];
/** Each attack by a clock. */
const BY_CLOCK: readonly Clue[] = [
  ['soon-after', 'order and time'],
  ['statistical-disclosure', 'order and time, in rounds'],
  ['least-squares-disclosure', 'all rounds at once'],
  ['equal-sizes', 'rows as long, soon after'],
];

/** What gives the graph away: rows that say it, or order and time alone. */
export function clues(report: Report): Section {
  const { truePairs, pairs } = report.controls.volume;
  const content = defaultsFirst(report, (placements) =>
    table({
      caption: `AUC of each attack for itself, with its 95 % interval; “nothing” where there was nothing to go by. The first
${BY_ROWS.length} go by what rows say, how long they are, how they lie, and how many there are of each agent, or at an address that its key
tells; the others know only who wrote a row after whom, within the window that is named, and would be left even if no row said
anything. The whole disk has two clocks: its transactions in order, and when the write-ahead log says that they were committed;
the one by which an attack finds most is in bold. How rows lie is read where one connection wrote all of
them. ${counted(pairs, 'pair')}, ${truePairs} of them true. Messages until rank 1: the median over agents, seen so
often as is said; “more” where half of the agents’ peers did not come first.`,
      columns: [
        'Observer',
        ...[...BY_ROWS, ...BY_CLOCK].map(([attack, clue]) => noted(attack, clue)),
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
    const cells = Array.from({ length: BY_ROWS.length + BY_CLOCK.length + 2 }, () => notMeasured(placement));
    return [{ head: 'all', cells }];
  }
  return observers.flatMap((observer) => observer.timing.map((timing) => rowOf(observer, timing)));
}

function rowOf(observer: ObserverReport, timing: TimingReport): Row {
  const isFirst = timing === observer.timing[0];
  const suffix = timing.clock === 'commit-times' ? ', by commit times' : '';
  const { parties } = observer;
  const name = `${observer.observer}${suffix}`;
  const head = parties > 1 ? noted(name, `mean of ${amount(parties)}`) : name;
  const isStrongest = observer.timing.length > 1 && timing.clock === observer.strongestClock;
  return {
    head: isStrongest ? markup`<strong>${head}</strong>` : head,
    cells: [
      ...BY_ROWS.map(([attack]) => (isFirst ? areaOf(observer, attack) : 'as above')),
      ...BY_CLOCK.map(([attack]) => areaOf(observer, `${attack}${suffix}`)),
      actsOf(timing),
      isFirst ? untilRankOne(observer) : 'as above',
    ],
  };
}

function areaOf({ attacks }: ObserverReport, name: string): Content {
  const found = attacks.find(({ attack }) => attack === name);
  return found === undefined ? 'nothing' : noted(found.auc.toFixed(2), interval(found.aucInterval));
}

function actsOf({ acts, clock, window, missing, unreadable }: TimingReport): Content {
  if (unreadable !== null) return noted('not readable', unreadable);
  const within = clock === 'transactions' ? `${window} transactions` : `${amount(window / 1e6)} s`;
  const without = missing === 0 ? '' : `; ${amount(missing)} more without a time`;
  return noted(amount(acts), `within ${within}${without}`);
}

function untilRankOne({ untilRankOne: { median, reached, agents, glimpses } }: ObserverReport): Content {
  const sample = `${reached} of ${counted(agents, 'agent')}, seen at ${glimpses.join(', ')}`;
  return noted(median === null ? 'more' : amount(median), sample);
}
