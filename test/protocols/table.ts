import { quantile } from '@musubi/observers';
import { type ActReport, type Sides } from './act.js';

const HEADINGS = [
  'protocol',
  'fault',
  'sender',
  'recipient',
  'the caller was told',
  'remote calls',
  'later: sender',
  'later: recipient',
  'ms',
] as const;

/** All of a row but the time it took, which no two runs have in common. */
export function factsOf({ protocol, fault, after, told, calls, later }: ActReport): readonly string[] {
  return [protocol, fault, ...bothOf(after), told, String(calls), ...bothOf(later)];
}

function bothOf({ sender, recipient }: Sides): readonly string[] {
  return [sender, recipient];
}

/** Markdown, a row an act. `runs` of one act differ in nothing but time: the median is shown. */
export function tableOf(acts: readonly (readonly ActReport[])[]): string {
  const rows = acts.flatMap((runs) => {
    const [first] = runs;
    return first === undefined
      ? []
      : [
          [
            ...factsOf(first),
            quantile(
              runs.map(({ ms }) => ms),
              0.5,
            ).toFixed(1),
          ],
        ];
  });
  return [HEADINGS, HEADINGS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The rows of the table in a document, without their times. */
export function factsIn(document: string): readonly (readonly string[])[] {
  const rows = document.split('\n').filter((line) => line.startsWith('| '));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  return cells.slice(2).map((row) => row.slice(1, HEADINGS.length));
}
