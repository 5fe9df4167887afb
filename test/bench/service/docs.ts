import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { type BenchReport } from './report.js';
import { markdownOf, tablesOf } from './tables.js';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'performance.md');
const BEGIN = '<!-- figures: npm run bench -- --write-docs -->';
const END = '<!-- end of figures -->';

/** Puts the figures between their marks. @throws Error when the marks are gone */
export async function writeDocs(report: BenchReport): Promise<void> {
  const page = withFigures(await readFile(PAGE, 'utf8'), report);
  const style = await resolveConfig(PAGE);
  await writeFile(PAGE, await format(page, { ...style, parser: 'markdown' }));
}

export function withFigures(page: string, report: BenchReport): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has lost its marks: ${BEGIN} … ${END}`);
  const { machine, durability, at } = report;
  const facts = Object.entries({ ...machine, ...durability, at }).map(([name, value]) => `${name} ${value}`);
  const tables = tablesOf(report).map(markdownOf);
  return [page.slice(0, begin) + BEGIN, facts.join(', '), ...tables, page.slice(end)].join('\n\n');
}
