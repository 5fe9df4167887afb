import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { NOT_BETWEEN_NODES, casesBetweenNodes } from './cases.js';
import { type FaultCell, type FaultRow } from './fault-row.js';

/** What stands where a row meets a strategy. */
export type Mark = (row: FaultRow, strategy: StrategyName) => string;

/** ✓ where there are cases, else the reason why there are none. */
export const asWritten: Mark = ({ cells }, strategy) => {
  const cell = cells[strategy];
  return typeof cell === 'string' ? cell : '✓';
};

/** The matrix as a Markdown table whose columns are aligned. */
export function tableOf(rows: readonly FaultRow[], mark: Mark = asWritten): string {
  const lines = [
    ['', 'fault', ...STRATEGY_NAMES],
    ...rows.map((row) => [row.fault, row.title, ...STRATEGY_NAMES.map((strategy) => mark(row, strategy))]),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  const [head = [], ...body] = lines;
  return [head, rule, ...body].map((line) => rowOf(line, widths)).join('\n');
}

function rowOf(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
}

/** The page that is kept in docs/: the table, and what each test of it says. */
export function pageOf(rows: readonly FaultRow[]): string {
  return `# Faults

This page lists what can go wrong while a message is sent, on each placement. A ✓ stands for tests on a whole node without
HTTP; the other cells say why the fault cannot occur there. \`test/faults\` makes this page
(\`UPDATE_DOCS=1 npm test -- test/faults\`) and fails when it is stale.

After each test the faults stop, all agents return, and time passes. Then, for every fault:

- every message is delivered, read, failed, or deleted by its author;
- no message that was acknowledged as saved is lost, and none is stored twice;
- no author was shown a receipt for a message that the recipient did not have;
- nobody has a message that nobody sent, and no chain has a fork or a gap.

${tableOf(rows)}

Cases marked ⇄ are also played with the two agents on two nodes, each with a database of its own and a link between
them, on \`source-chain\` and \`pairwise-dht\`. On \`global-dht\` messages do not leave their node. Of the other cases, one is not
played between nodes:

${Object.entries(NOT_BETWEEN_NODES)
  .map(([name, reason]) => `- "${name}": ${reason}.`)
  .join('\n')}

${rows.map(sectionOf).join('\n\n')}
`;
}

function sectionOf(row: FaultRow): string {
  const items = STRATEGY_NAMES.flatMap((strategy) => sentencesOf(row.cells[strategy]));
  const between = new Set(casesBetweenNodes(row).map(({ name }) => name));
  const lines = [...new Set(items)].map(
    (sentence) => `- ${sentence}${whereOf(row, sentence)}${between.has(sentence) ? ' ⇄' : ''}`,
  );
  return `## ${row.fault}: ${row.title}\n\n${lines.join('\n')}`;
}

function sentencesOf(cell: FaultCell): readonly string[] {
  return typeof cell === 'string' ? [] : Object.keys(cell);
}

/** Named only where it is not everywhere. */
function whereOf({ cells }: FaultRow, sentence: string): string {
  const where = STRATEGY_NAMES.filter((strategy) => sentencesOf(cells[strategy]).includes(sentence));
  return where.length === STRATEGY_NAMES.length ? '' : ` (${where.map((name) => `\`${name}\``).join(', ')})`;
}
