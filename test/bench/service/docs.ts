import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { type BenchReport } from './report.js';
import { markdownOf, tablesOf } from './tables.js';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'results', 'service.md');
const HEAD = `# Results of the service benchmark

Written by \`npm run bench -- --write-docs\`; [performance](../performance.md) explains each figure. One run, on this machine:`;

/** Writes the page of figures anew. */
export async function writeDocs(report: BenchReport): Promise<void> {
  const style = await resolveConfig(PAGE);
  await writeFile(PAGE, await format(pageOf(report), { ...style, parser: 'markdown' }));
}

/** A page of figures, with the machine and the time. */
export function pageOf(report: BenchReport): string {
  const { machine, durability, at } = report;
  const facts = Object.entries({ ...machine, ...durability, at }).map(([name, value]) => `${name} ${value}`);
  return [HEAD, facts.join(', '), ...tablesOf(report).map(markdownOf)].join('\n\n');
}
