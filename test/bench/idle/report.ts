import { type ContactReport } from './first-contact.js';
import { type IdleReport } from './idle-service.js';
import { type YearReport } from './year-away.js';

/** What an idle service may do, and what what happens may cost. */
export const BOUNDS = {
  transactionsPerSecond: 20,
  processorShare: 0.02,
  startSeconds: 2,
  contactRatio: 2,
  firstLetterMs: 2000,
} as const;

export interface QuietReport {
  readonly idle: IdleReport;
  readonly contact: ContactReport;
  readonly year: YearReport;
}

interface Line {
  readonly name: string;
  readonly figure: number;
  readonly bound: number;
  readonly unit: string;
}

function linesOf({ idle, contact, year }: QuietReport): readonly Line[] {
  const { empty, populated } = idle.startSeconds;
  const { contacts } = contact.settings;
  return [
    {
      name: 'transactions',
      figure: idle.transactionsPerSecond,
      bound: BOUNDS.transactionsPerSecond,
      unit: 'a second',
    },
    {
      name: 'processor',
      figure: 100 * idle.processorShare,
      bound: 100 * BOUNDS.processorShare,
      unit: '% of a core',
    },
    {
      name: 'start',
      figure: populated - empty,
      bound: BOUNDS.startSeconds,
      unit: `s more than ${shown(empty)} s`,
    },
    {
      name: 'first contact',
      figure: contact.ratio,
      bound: BOUNDS.contactRatio,
      unit: `× at ${contacts[1]} contacts of ${shown(contact.ms[0])} ms at ${contacts[0]}`,
    },
    {
      name: 'back after long',
      figure: year.firstMs,
      bound: BOUNDS.firstLetterMs,
      unit: `ms to the first letter, ${shown(year.allMs)} ms to the last of ${year.settings.letters}`,
    },
  ];
}

/** What must not be, in sentences; none when all is well. */
export function failuresOf(report: QuietReport): readonly string[] {
  return linesOf(report)
    .filter(({ figure, bound }) => !(figure <= bound))
    .map(({ name, figure, bound, unit }) => `${name}: ${shown(figure)} ${unit}, at most ${bound}`);
}

/** For people. */
export function textOf(report: QuietReport): string {
  const { idle, year } = report;
  const failures = failuresOf(report).map((failure) => `FAILED: ${failure}`);
  return [
    `${idle.settings.agents} agents and ${idle.settings.pairs} pairs, idle for ${idle.settings.seconds} s; ` +
      `${year.settings.contacts} contacts and ${year.settings.days} days away`,
    ...linesOf(report).map(
      ({ name, figure, bound, unit }) => `  ${name.padEnd(16)}${shown(figure)} ${unit} (at most ${bound})`,
    ),
    ...(failures.length === 0 ? ['All as it must be.'] : failures),
  ].join('\n');
}

const shown = (figure: number): string => figure.toFixed(2);
