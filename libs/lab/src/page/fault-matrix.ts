import { type FaultReport, type PlacementReport, type Report } from '../report/report.js';
import { type Section, table } from './layout.js';
import { type Content, type Markup, markup } from './markup.js';
import { nameOf, notMeasured } from './placements.js';

const BREAKAGES = ['lost', 'doubled', 'phantom'] as const;
const FATES = ['delivered', 'failed', 'refused'] as const;

/** What became of the messages under each fault, for each variant. */
export function faultMatrix({ placements }: Report): Section {
  const faults = [
    ...new Set(placements.flatMap(({ faults: found }) => found?.map(({ fault }) => fault) ?? [])),
  ];
  const rows = faults.map((fault) => ({
    head: fault,
    cells: placements.map((placement) => cellOf(placement, fault)),
  }));
  const caption = markup`Each cell: what broke of the messages sent under one fault, counted once the fault was over and
all that is pending had been tried again. ${KEY}`;
  const content =
    faults.length === 0
      ? markup`<p class="missing">No faults were measured.</p>`
      : table({
          caption,
          columns: ['Fault', ...placements.map(nameOf)],
          groups: [{ rows }],
        });
  return { id: 'faults', heading: 'Integrity under faults', content };
}

const KEY = markup`<span class="held">✓ intact</span>, <span class="orphaned">△ an author never learns of a
delivery</span>, <span class="broken">✗ lost, doubled or falsely shown as delivered</span>.`;

function cellOf(placement: PlacementReport, fault: string): Content {
  const found = placement.faults?.find((report) => report.fault === fault);
  return found === undefined ? notMeasured(placement) : verdictOf(found);
}

function verdictOf(report: FaultReport): Markup {
  const isBroken = countsOf(report, BREAKAGES).length > 0;
  const found = countsOf(report, [...BREAKAGES, 'orphan']).join(', ');
  const fate = markup`<small>of ${report.messages}: ${countsOf(report, FATES).join(', ')}</small>`;
  if (isBroken) return markup`<span class="broken">✗ ${found}</span> ${fate}`;
  if (report.orphan > 0) return markup`<span class="orphaned">△ ${found}</span> ${fate}`;
  return markup`<span class="held">✓ 0 broken</span> ${fate}`;
}

/** Those that are not 0. */
function countsOf(
  report: FaultReport,
  kinds: readonly ('orphan' | (typeof BREAKAGES | typeof FATES)[number])[],
): readonly string[] {
  return kinds.filter((kind) => report[kind] > 0).map((kind) => `${report[kind]} ${kind}`);
}
