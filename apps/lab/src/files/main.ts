import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { UsageError } from '@musubi/lab';
import { readReport } from '../cli/read-report.js';
import { script } from '../cli/script.js';
import { filesPage } from './page.js';

const command = script('exposure:files', 'Writes the page of what files cost and show.')
  .argument('<report>', 'the report.json of npm run compare -- --workload files')
  .option('--out <file.md>', 'the page', 'docs/exposure-files.md')
  .allowExcessArguments(false)
  .addHelpText('after', '\nExit codes: 0, or 2 for a file that is no report, or one without files.')
  .parse();
const { out } = command.opts<{ readonly out: string }>();

try {
  const revision = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  await writeFile(out, filesPage(await readReport(command.args[0] ?? ''), revision));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
