import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Parameters, type Report, machineOf, UsageError } from '@musubi/lab';
import { readReport } from './read-report.js';

/** The partial report of a folder, if it is one of this very comparison on this very machine. @throws UsageError */
export async function readUnfinished(folder: string, parameters: Parameters): Promise<Report> {
  const path = join(folder, 'report.json');
  const report = await readReport(path);
  if (!report.isPartial) throw new UsageError(`The report ${path} is whole: there is nothing to resume.`);
  const other = differenceBetween(report.parameters, parameters);
  if (other !== undefined)
    throw new UsageError(`The report ${path} was made with other ${other}: it cannot be resumed.`);
  if (!isDeepStrictEqual(report.machine, machineOf({ version: report.machine.postgres }))) {
    throw new UsageError(`The report ${path} was made on another machine: it cannot be resumed.`);
  }
  return report;
}

/** As they are written: what is `undefined` is not there. */
function differenceBetween(before: Parameters, now: Parameters): string | undefined {
  const [then, since] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  const names = [...new Set([...then.keys(), ...since.keys()])];
  return names.find((name) => JSON.stringify(then.get(name)) !== JSON.stringify(since.get(name)));
}
