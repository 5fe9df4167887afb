import { agreementText, UsageError, agreementOf } from '@musubi/lab';
import { readReport } from './cli/read-report.js';

const USAGE = `npm run compare:reports -- ONE/report.json OTHER/report.json
Holds two reports of one comparison against each other. Exit codes: 0 where all figures agree or do not count, 1 where
some are apart, 2 for files that are no reports.`;

/** @returns the code to exit with */
async function run(paths: readonly string[]): Promise<number> {
  const [one, other] = paths;
  if (one === undefined || other === undefined || paths.length > 2) throw new UsageError(USAGE);
  const agreements = agreementOf(await readReport(one), await readReport(other));
  console.log(agreementText(agreements));
  return agreements.some(({ how }) => how === 'apart') ? 1 : 0;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
