import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { type FilesReport, VARIANTS, filesOf, startLabServer } from '@musubi/lab';
import { script } from '../cli/script.js';
import { filesPage } from './page.js';

const { out, seed } = script('exposure:files', 'Measures what files cost and show, and writes a page.')
  .option('--seed <s>', 'repeats all figures', '1')
  .option('--out <file.md>', 'the page', 'docs/exposure-files.md')
  .parse()
  .opts<{ readonly out: string; readonly seed: string }>();

/** Of a default comparison. */
const REDUNDANCY = 5;
/** As the service runs them. */
const PLACEMENTS = VARIANTS.filter(({ name, strategy }) => name === strategy);

const server = await startLabServer();
try {
  const reports: FilesReport[] = [];
  for (const variant of PLACEMENTS) {
    console.error(variant.name);
    reports.push(await filesOf({ server, variant }, Number(seed), REDUNDANCY));
  }
  const revision = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  await writeFile(out, filesPage(reports, { seed: Number(seed), redundancy: REDUNDANCY, revision }));
} finally {
  await server.close();
}
