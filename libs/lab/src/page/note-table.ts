import {
  type CostReport,
  type LoadPoint,
  type ObserverReport,
  type PlacementReport,
  type Report,
} from '../report/report.js';
import { type Row, noted, type Section, table } from './layout.js';
import { type Content } from './markup.js';
import { amount, aucOf, byteSize, counted, spread } from './numbers.js';
import { busiestPoint, defaultsOf, measured, nameOf, observerOf, timed } from './placements.js';

/** What is said of one placement in one row. */
type Say = (placement: PlacementReport) => Content;

/** The design note's table of adjectives, each replaced by what was measured. */
export function noteTable(report: Report): Section {
  const placements = defaultsOf(report);
  const row = (head: Content, say: Say): Row => ({ head, cells: placements.map(say) });
  const content = table({
    caption: `The three placements in their default variants. Strangers are everybody but the two who converse;
what the crawler finds is what all strangers together can ask for.`,
    columns: ['', ...placements.map(nameOf)],
    groups: [
      {
        heading: 'Visibility',
        rows: [row('Texts read by strangers', canaries), row('Ciphertext held by strangers', ciphertext)],
      },
      {
        heading: 'Exposure of the social graph: AUC with 95 % interval; 0.5 is guessing',
        rows: exposureRows(row, report),
      },
      { heading: 'Concurrency', rows: [row('Throughput', throughput), row('Head moved', headMoved)] },
      {
        heading: 'Durability and integrity',
        rows: [row('Lost · doubled · phantom', integrity), row('Under faults', underFaults)],
      },
      { heading: 'Cost', rows: costRows(row) },
    ],
  });
  return { id: 'note-table', heading: 'The comparison, in figures', content };
}

type RowOf = (head: Content, say: Say) => Row;

function exposureRows(row: RowOf, { controls: { volume } }: Report): readonly Row[] {
  return [
    row('To strangers (crawler)', exposureTo('crawler')),
    row('To strangers, by what rows say', byClue('crawler', ['named-together', 'shared-value'])),
    row('To strangers, by order and time alone', byClue('crawler', ['soon-after'])),
    row('To strangers, by how much there is of whom', byClue('crawler', ['volume'])),
    row(
      'To strangers who ask again and again, strongest attack',
      byAttack('crawler', (attack) => attack.includes(', polled ')),
    ),
    row(
      'To the operator of the database, strongest attack',
      byAttack('operator', () => true),
    ),
    row('To the whole disk', exposureTo('whole-disk')),
    row(
      'To the whole disk, by its strongest attack',
      byAttack('whole-disk', () => true),
    ),
    row('For comparison: volume alone', () => noted(aucOf(volume), counted(volume.pairs, 'pair'))),
  ];
}

function observed(name: string, say: (observer: ObserverReport) => Content): Say {
  return (placement) => measured(placement, observerOf(placement, name), say);
}

const canaries = observed('crawler', ({ canariesFound, canariesPlanted }) =>
  noted(amount(canariesFound), `of ${counted(canariesPlanted, 'text')} planted`),
);

const ciphertext = observed('crawler', ({ bodyBytes, rows }) =>
  noted(byteSize(bodyBytes), `in ${counted(rows, 'row')} read`),
);

function exposureTo(name: string): Say {
  return observed(name, ({ graph }) => noted(aucOf(graph), counted(graph.pairs, 'pair')));
}

function byClue(name: string, clues: readonly string[]): Say {
  return byAttack(name, (attack) => clues.includes(attack));
}

/** The strongest of some attacks: which one that is, is known from the truth. */
function byAttack(name: string, isMeant: (attack: string) => boolean): Say {
  return observed(name, ({ attacks }) => {
    const [best] = attacks
      .filter(({ attack }) => isMeant(attack))
      .toSorted((one, other) => other.auc - one.auc);
    return best === undefined ? 'nothing to go by' : noted(aucOf(best), best.attack);
  });
}

/** Under the most senders at once. */
function underLoad(say: (point: LoadPoint) => Content): Say {
  return (placement) => timed(placement, busiestPoint(placement), say);
}

const throughput = underLoad((point) =>
  noted(
    `${amount(point.actsPerSecond)} (${spread(point.actsPerSecondInterval)}) messages/s`,
    loadSampleOf(point, point.backToBack),
  ),
);

const headMoved = underLoad((point) =>
  noted(
    `${amount(point.headMovedPerMessage)} (${spread(point.headMovedPerMessageInterval)}) per message`,
    loadSampleOf(point, point.acts),
  ),
);

function loadSampleOf({ concurrency, acts, gaveUp }: LoadPoint, messages: number): string {
  const sample = `${counted(concurrency, 'sender')}, ${counted(messages, 'message')}`;
  return gaveUp === 0 ? sample : `${sample}; ${amount(gaveUp)} of ${amount(acts)} given up`;
}

const integrity: Say = ({ integrity: { lost, doubled, phantom, acknowledged } }) =>
  noted(`${lost} · ${doubled} · ${phantom}`, `of ${counted(acknowledged, 'message')} acknowledged`);

const underFaults: Say = (placement) =>
  measured(placement, placement.faults, (faults) => {
    const sum = (kind: 'lost' | 'doubled' | 'phantom' | 'messages'): number =>
      faults.reduce((all, fault) => all + fault[kind], 0);
    const sample = `of ${counted(sum('messages'), 'message')} under ${counted(faults.length, 'fault')}`;
    return noted(`${sum('lost')} · ${sum('doubled')} · ${sum('phantom')}`, sample);
  });

function costRows(row: (head: string, say: Say) => Row): readonly Row[] {
  const cost =
    (say: (cost: CostReport) => Content): Say =>
    (placement) =>
      measured(placement, placement.cost, say);
  const ofMessages = (figure: (cost: CostReport) => string): Say =>
    cost((figures) => noted(figure(figures), counted(figures.messages, 'message')));
  return [
    row(
      'Rows per message',
      ofMessages(({ rowsPerMessage }) => amount(rowsPerMessage)),
    ),
    row(
      'Bytes per message',
      ofMessages(({ bytesPerMessage }) => byteSize(bytesPerMessage)),
    ),
    row(
      'Remote calls per message',
      ofMessages(({ callsPerMessage }) => amount(callsPerMessage)),
    ),
    row(
      'Rows per pair, once',
      cost(({ rowsPerPair, pairs }) => noted(amount(rowsPerPair), counted(pairs, 'pair'))),
    ),
  ];
}
