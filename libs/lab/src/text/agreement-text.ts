import { type Agreement } from '../figures/agreement.js';

const ORDER = ['equal', 'within', 'not valid', 'apart'] as const satisfies readonly Agreement['how'][];

/** A line for each figure, and their count by how they stand. */
export function agreementText(agreements: readonly Agreement[]): string {
  const lines = agreements.map(({ how, figure, detail }) =>
    `${how.padEnd(9)}  ${figure}  ${detail}`.trimEnd(),
  );
  const counts = ORDER.map((how) => `${how} ${agreements.filter((one) => one.how === how).length}`);
  return [...lines, '', counts.join(', ')].join('\n');
}
