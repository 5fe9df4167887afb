import { PARTS } from './profile.js';
import { type BenchReport, type FloorFigures, type LoadFigures, type PlacementReport } from './report.js';
import { mebibytes, percent, shareOf, targetsOf, whole } from './targets.js';

/** Rows of text under a head, as Markdown has them and a terminal shows them. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All figures of a report, for people. */
export function tablesOf(report: BenchReport): readonly Table[] {
  return [
    targetTable(report),
    ...report.placements.flatMap((placement) => [
      loadTable(placement),
      floorTable(placement),
      ...profileTables(placement),
    ]),
    actTable(report),
    serviceTable(report),
  ];
}

function targetTable(report: BenchReport): Table {
  return {
    title: 'Targets',
    head: ['target', 'aim', 'measured', ''],
    rows: targetsOf(report).map(({ name, aim, measured, isMet }) => [
      name,
      aim,
      measured,
      isMet ? 'met' : 'NOT MET',
    ]),
  };
}

const ms = (figure: number | null): string => (figure === null ? '–' : figure.toFixed(2));

function loadTable({ placement, loads, hotRecipient, burst }: PlacementReport): Table {
  const row = (name: string, load: LoadFigures): string[] => [
    name,
    whole(load.perSecond),
    ...[
      load.p50Ms,
      load.p95Ms,
      load.p99Ms,
      load.perAct.apiCpuMs,
      load.perAct.postgresCpuMs,
      load.perAct.loadCpuMs,
    ].map(ms),
    whole(load.perAct.walBytes),
    load.perAct.statements.toFixed(1),
    percent(load.busyShare),
  ];
  return {
    title: `${placement}: acts over HTTP`,
    head: [
      'at once',
      'acts/s',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'API CPU ms',
      'PostgreSQL CPU ms',
      'load CPU ms',
      'WAL bytes',
      'statements',
      'thread busy',
    ],
    rows: [
      ...loads.map((load) => row(String(load.concurrency), load)),
      row(`${hotRecipient.concurrency} to one`, hotRecipient),
      row(`one to ${burst.concurrency}`, burst),
    ],
  };
}

function floorTable(report: PlacementReport): Table {
  const { placement, floor } = report;
  const row = (
    name: string,
    { perSecond, p50Ms, p99Ms, walBytes }: FloorFigures,
    share: string,
  ): string[] => [name, whole(perSecond), ms(p50Ms), ms(p99Ms), whole(walBytes), share];
  return {
    title: `${placement}: the same rows by bare SQL`,
    head: ['at once', 'acts/s', 'p50 ms', 'p99 ms', 'WAL bytes', 'the service reaches'],
    rows: [
      ...floor.same.map((figures) =>
        row(String(figures.concurrency), figures, percent(shareOf(report, figures))),
      ),
      row(
        `${floor.atOnce.concurrency}, a statement each`,
        floor.atOnce,
        percent(shareOf(report, floor.atOnce)),
      ),
      row('in batches of 64', floor.batched, ''),
    ],
  };
}

function profileTables({ placement, profile }: PlacementReport): readonly Table[] {
  if (profile === null) return [];
  return [
    {
      title: `${placement}: where the service's thread is, ms an act`,
      head: [...PARTS],
      rows: [PARTS.map((part) => profile.parts[part].toFixed(3))],
    },
    {
      title: `${placement}: functions with most time of their own, ms an act`,
      head: ['ms', 'function', 'of'],
      rows: profile.hottest.map(({ ms: own, name, address }) => [own.toFixed(4), name, address]),
    },
  ];
}

function actTable({ placements }: BenchReport): Table {
  return {
    title: 'One act',
    head: [
      'placement',
      'transactions',
      'that write',
      'rows',
      'bytes',
      'crypto, WebAssembly ms',
      'crypto, native ms',
      'signatures',
      'verified',
    ],
    rows: placements.map(({ placement, act, crypto }) => [
      placement,
      act.transactions.toFixed(1),
      String(act.writingTransactions),
      String(act.rows),
      whole(act.bytes),
      ms(crypto.wasmMs),
      ms(crypto.nativeMs),
      String(crypto.calls['sign'] ?? 0),
      String(crypto.calls['verify'] ?? 0),
    ]),
  };
}

function serviceTable({ startMs, hotChain, pages, memory }: BenchReport): Table {
  const { idle, warm, underLoad, after, acts } = memory;
  const held = ({ rss, heapUsed }: typeof idle): string => `${mebibytes(rss)}, heap ${mebibytes(heapUsed)}`;
  return {
    title: 'The service',
    head: ['figure', 'measured'],
    rows: [
      ['first start, database made', `${whole(startMs.first)} ms`],
      ['later start', `${whole(startMs.again)} ms`],
      [
        `appends/s on one chain, ${hotChain.concurrency} writers`,
        `${whole(hotChain.perSecond)}, p99 ${ms(hotChain.p99Ms)} ms`,
      ],
      ...pages.map(({ messages, latestMs, nextMs }) => [
        `page of 50 among ${whole(messages)} messages`,
        `latest ${ms(latestMs)} ms, next ${ms(nextMs)} ms`,
      ]),
      ['memory at rest', held(idle)],
      [`memory after ${whole(acts / 10)} acts`, held(warm)],
      ['memory under load, at most', held(underLoad)],
      [`memory after ${whole(acts)} acts`, held(after)],
    ],
  };
}

/** For a terminal: columns padded to their widest. */
export function textOf({ title, head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

export function markdownOf({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
