import { writeFile } from 'node:fs/promises';
import { UsageError, paretoImage } from '@musubi/lab';
import { readReport } from './cli/read-report.js';

const USAGE = `npm run compare:plot -- DIR/report.json FILE.svg
Draws exposure to strangers against throughput. Exit codes: 0, or 2 for a file that is no report.`;

async function run([report, image]: readonly string[]): Promise<void> {
  if (report === undefined || image === undefined) throw new UsageError(USAGE);
  await writeFile(image, paretoImage(await readReport(report)));
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
