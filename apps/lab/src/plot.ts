import { writeFile } from 'node:fs/promises';
import { UsageError, paretoImage } from '@musubi/lab';
import { readReport } from './cli/read-report.js';
import { script } from './cli/script.js';

const command = script('compare:plot', 'Draws exposure to strangers against throughput.')
  .argument('<report>', 'a report.json')
  .argument('<image>', 'an SVG file that is written')
  .allowExcessArguments(false)
  .addHelpText('after', '\nExit codes: 0, or 2 for a file that is no report.');

async function run([report = '', image = '']: readonly string[]): Promise<void> {
  await writeFile(image, paretoImage(await readReport(report)));
}

try {
  await run(command.parse().args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
