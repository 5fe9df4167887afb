import { agreementText, UsageError, agreementOf } from '@musubi/lab';
import { readReport } from './cli/read-report.js';
import { script } from './cli/script.js';

const command = script('compare:reports', 'Holds two reports of one comparison against each other.')
  .argument('<one>', 'a report.json')
  .argument('<other>', 'a report.json')
  .allowExcessArguments(false)
  .addHelpText(
    'after',
    '\nExit codes: 0 where all figures agree or do not count, 1 where some are apart, 2 for files that are no reports.',
  );

/** @returns the code to exit with */
async function run([one = '', other = '']: readonly string[]): Promise<number> {
  const agreements = agreementOf(await readReport(one), await readReport(other));
  console.log(agreementText(agreements));
  return agreements.some(({ how }) => how === 'apart') ? 1 : 0;
}

try {
  process.exitCode = await run(command.parse().args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
