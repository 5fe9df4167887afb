import { holds } from '../figures/integrity.js';
import { byteSize, counted, percent } from '../page/numbers.js';
import {
  type CostReport,
  type LoadReport,
  type ObserverReport,
  type PlacementReport,
  type Report,
} from '../report/report.js';

const COLUMNS = [
  'variant',
  'crawler AUC',
  'disk AUC',
  'texts',
  'acts/s',
  'p95 ms',
  'rows',
  'bytes',
  'calls',
] as const;

/** The main figures, a line a variant, for a terminal. */
export function summaryOf(report: Report): string {
  const { placements, controls, isPartial } = report;
  const rows = [COLUMNS, ...placements.map(rowOf)];
  // A sentence in the stead of figures makes no column wider.
  const whole = rows.filter((row) => row.length === COLUMNS.length);
  const widths = COLUMNS.map((_, column) =>
    Math.max(...(column === 0 ? rows : whole).map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const prior = `volume prior AUC ${controls.volume.auc.toFixed(2)}, uniform ${controls.uniform.auc.toFixed(2)}, leaky ${controls.leaky.auc.toFixed(2)}`;
  return [
    ...lines,
    '',
    prior,
    machineLine(report),
    ...placements.flatMap(fileLines),
    ...placements.flatMap(notValidLines),
    ...(isPartial ? ['stopped: this report is partial'] : []),
  ].join('\n');
}

function rowOf({ variant, observers, load, cost, integrity }: PlacementReport): readonly string[] {
  if (!holds(integrity)) return [variant, `integrity failed: ${integrity.witnesses[0] ?? ''}`];
  return [variant, ...exposureCells(observers ?? []), ...loadCells(load), ...costCells(cost)];
}

function exposureCells(observers: readonly ObserverReport[]): readonly string[] {
  const find = (name: string): ObserverReport | undefined =>
    observers.find(({ observer }) => observer === name);
  const crawler = find('crawler');
  const texts = crawler === undefined ? '-' : `${crawler.canariesFound}/${crawler.canariesPlanted}`;
  return [crawler?.graph.auc.toFixed(2) ?? '-', find('whole-disk')?.graph.auc.toFixed(2) ?? '-', texts];
}

function loadCells(load: LoadReport | null): readonly string[] {
  const most = load?.points.at(-1);
  if (most === undefined) return ['-', '-'];
  return most.notValid !== null
    ? ['not valid', 'not valid']
    : [most.actsPerSecond.toFixed(0), most.delivered?.p95.toFixed(0) ?? '-'];
}

function costCells(cost: CostReport | null): readonly string[] {
  if (cost === null) return ['-', '-', '-'];
  return [cost.rowsPerMessage.toFixed(1), cost.bytesPerMessage.toFixed(0), cost.callsPerMessage.toFixed(1)];
}

/** What a byte of a file costs, and whether a file was shown as delivered that was not there. */
function fileLines({ files, variant }: PlacementReport): readonly string[] {
  if (files === undefined) return [];
  const { cost, faults, sent } = files;
  const said = [
    ...(cost === null
      ? []
      : [
          `${cost.storedPerByte.toFixed(2)} bytes stored and ${cost.wirePerByte.toFixed(2)} on calls for each`,
        ]),
    ...(faults === null
      ? []
      : [
          `${faults.reduce((all, { falselyDelivered }) => all + falselyDelivered, 0)} falsely delivered under faults`,
        ]),
  ];
  return [`files: ${variant}, ${counted(sent.files, 'file')}: ${said.join(', ')}`];
}

/** Why load figures do not count, a line for each reason. */
function notValidLines({ variant, load }: PlacementReport): readonly string[] {
  return (load?.points ?? []).flatMap(({ concurrency, notValid }) =>
    notValid === null ? [] : [`not valid: ${variant}, ${counted(concurrency, 'sender')}: ${notValid}`],
  );
}

function machineLine({ disturbance: { foreignCpuShare }, writtenBytes }: Report): string {
  const others = foreignCpuShare === null ? 'not known' : percent(foreignCpuShare);
  return `CPU time used by others ${others}, written to disks ${writtenBytes === null ? 'not known' : byteSize(writtenBytes)}`;
}
