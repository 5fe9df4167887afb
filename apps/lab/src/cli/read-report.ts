import { readFile } from 'node:fs/promises';
import { type Report, UsageError } from '@musubi/lab';

/** @throws UsageError where there is none, or one of another version */
export async function readReport(path: string): Promise<Report> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new UsageError(`There is no report ${path}.`);
  }
  if (!isReport(read)) throw new UsageError(`The file ${path} is no report of this version.`);
  return read;
}

/** Written by this very program, so the version in its first field speaks for the rest. */
function isReport(read: unknown): read is Report {
  return typeof read === 'object' && read !== null && 'schema' in read && read.schema === 'musubi/report/2';
}
