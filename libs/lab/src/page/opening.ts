import { type Report } from '../report/report.js';
import { type Markup, NOTHING, markup } from './markup.js';
import { amount, byteSize, counted, percent } from './numbers.js';

/** What was run, on what, and whether to the end. */
export function opening(report: Report): Markup {
  return markup`<header>
<p class="kicker">Musubi · the lab</p>
<h1>Three placements of one message, measured</h1>
${report.isPartial ? PARTIAL : NOTHING}
<dl class="facts">${facts(report).map(([term, fact]) => markup`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
</header>`;
}

const PARTIAL = markup`<p class="banner" role="status"><strong>△ A partial report.</strong> The comparison was stopped before
its end. Each figure here is whole; variants or figures that are missing were not reached.</p>`;

function facts(report: Report): readonly (readonly [term: string, fact: string])[] {
  const { parameters, machine, truth } = report;
  return [
    ['Workload', parameters.workload],
    ['Agents', amount(parameters.agents)],
    ['Messages', amount(parameters.messages)],
    ['Pairs that wrote', counted(truth.edges.length, 'pair')],
    ['Seed', String(parameters.seed)],
    ['Senders at once', parameters.concurrency.join(', ')],
    ['Authorities for each operation', amount(parameters.redundancy)],
    ['Variants', `${report.placements.length} of ${parameters.variants.length} asked for`],
    [
      'Machine',
      `${counted(machine.cores, 'core')}, ${machine.cpu}, ${byteSize(machine.memoryBytes)} of memory`,
    ],
    ['Software', `Node ${machine.node}, PostgreSQL ${machine.postgres}, ${machine.platform}`],
    ['Begun', `${report.startedAt}, took ${amount(report.seconds)} s`],
    ['Beside it', besideOf(report)],
    ['Written to disks', report.writtenBytes === null ? 'not known' : byteSize(report.writtenBytes)],
  ];
}

function besideOf({ disturbance: { foreignCpuShare, longestStallMs } }: Report): string {
  const others = foreignCpuShare === null ? 'not known' : `${percent(foreignCpuShare)} of the CPU time`;
  return `used by others: ${others}; longest stall ${amount(longestStallMs)} ms`;
}
