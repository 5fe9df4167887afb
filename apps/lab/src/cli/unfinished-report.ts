import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Parameters, type Report } from '../report/report.js';
import { machineOf } from '../run/compare.js';
import { UsageError } from './usage-error.js';

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

async function readReport(path: string): Promise<Report> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new UsageError(`There is no report ${path} to resume.`);
  }
  if (!isReport(read)) throw new UsageError(`The file ${path} is no report of this version.`);
  return read;
}

/** Written by this very program, so the version in its first field speaks for the rest. */
function isReport(read: unknown): read is Report {
  return typeof read === 'object' && read !== null && 'schema' in read && read.schema === 'musubi/report/1';
}

/** As they are written: what is `undefined` is not there. */
function differenceBetween(before: Parameters, now: Parameters): string | undefined {
  const [then, since] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  const names = [...new Set([...then.keys(), ...since.keys()])];
  return names.find((name) => JSON.stringify(then.get(name)) !== JSON.stringify(since.get(name)));
}
