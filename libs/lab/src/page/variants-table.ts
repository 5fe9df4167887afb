import { type PlacementReport, type Report } from '../report/report.js';
import { type Section, table, noted } from './layout.js';
import { type Content, type Markup, NOTHING, markup } from './markup.js';
import { amount, byteSize, interval, spread } from './numbers.js';
import { busiestPoint, measured, nameOf, observerOf, timed } from './placements.js';

interface Column {
  readonly heading: string;
  readonly say: (placement: PlacementReport) => Content;
}

const COLUMNS: readonly Column[] = [
  { heading: 'Messages', say: ({ integrity }) => amount(integrity.messages) },
  {
    heading: 'Lost, doubled, phantom, orphan',
    say: ({ integrity: { lost, doubled, phantom, orphan } }) =>
      `${lost} · ${doubled} · ${phantom} · ${orphan}`,
  },
  { heading: 'Chain faults', say: ({ integrity }) => amount(integrity.chainFaults) },
  { heading: 'AUC, crawler', say: aucColumn('crawler') },
  { heading: 'AUC, wiretap', say: aucColumn('wiretap') },
  { heading: 'AUC, whole disk', say: aucColumn('whole-disk') },
  {
    heading: 'Messages/s',
    say: (placement) =>
      timed(placement, busiestPoint(placement), ({ actsPerSecond, actsPerSecondInterval }) =>
        noted(amount(actsPerSecond), markup`<span class="whole">${spread(actsPerSecondInterval)}</span>`),
      ),
  },
  { heading: 'Rows per message', say: (it) => measured(it, it.cost, (cost) => amount(cost.rowsPerMessage)) },
  {
    heading: 'Bytes per message',
    say: (it) => measured(it, it.cost, (cost) => byteSize(cost.bytesPerMessage)),
  },
  {
    heading: 'Calls per message',
    say: (it) => measured(it, it.cost, (cost) => amount(cost.callsPerMessage)),
  },
  { heading: 'Rows per pair', say: (it) => measured(it, it.cost, (cost) => amount(cost.rowsPerPair)) },
];

function aucColumn(name: string): Column['say'] {
  return (placement) =>
    measured(placement, observerOf(placement, name), ({ graph }) =>
      noted(graph.auc.toFixed(2), markup`<span class="whole">${interval(graph.aucInterval)}</span>`),
    );
}

export function variantsTable({ placements }: Report): Section {
  const rows = placements.map((placement) => ({
    head: noted(nameOf(placement), optionsOf(placement)),
    cells: COLUMNS.map(({ say }) => say(placement)),
  }));
  const content = markup`${table({
    caption: `All variants that were measured, and the options of each. AUC with its 95 % interval; messages/s with the
most senders at once, from the slowest round to the fastest.`,
    columns: ['Variant', ...COLUMNS.map(({ heading }) => heading)],
    groups: [{ rows }],
  })}${witnesses(placements)}`;
  return { id: 'variants', heading: 'All variants', content };
}

function optionsOf({ options }: PlacementReport): string {
  return Object.entries(options)
    .map(([option, value]) => `${option}: ${value}`)
    .join(', ');
}

/** One smallest case of each kind of failure. */
function witnesses(placements: readonly PlacementReport[]): Markup {
  const found = placements.filter(({ integrity }) => integrity.witnesses.length > 0);
  if (found.length === 0) return NOTHING;
  return markup`<h3>What went wrong, one case of each kind</h3>
<ul class="witnesses">${found.map(
    ({ variant, integrity }) =>
      markup`<li><strong>${variant}</strong><ul>${integrity.witnesses.map((witness) => markup`<li>${witness}</li>`)}</ul></li>`,
  )}</ul>`;
}
