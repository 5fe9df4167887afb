import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { types } from 'node:util';
import { UsageError } from './usage-error.js';

/** The folder of a report. Files come into being whole: under another name first. */
export class ReportFolder {
  private constructor(
    private readonly path: string,
    /** The topmost folder that was made for it. */
    private readonly made: string | undefined,
  ) {}

  /** Makes sure, before anything is measured, that it can be written. @throws UsageError */
  static async open(path: string): Promise<ReportFolder> {
    try {
      const made = await makeFolder(resolve(path));
      await access(path, constants.W_OK);
      return new ReportFolder(path, made);
    } catch {
      throw new UsageError(`The folder ${path} cannot be written.`);
    }
  }

  /** @returns where it is */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
    return path;
  }

  /** There is no report: what was made for it goes, and what was there before stays. */
  async discard(): Promise<void> {
    if (this.made !== undefined) await rm(this.made, { recursive: true, force: true });
  }
}

/** Not `recursive`: that never returns where the kernel says of a folder it will not make that its parent is missing. */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return undefined;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
  }
  const made = await makeFolder(dirname(path));
  await mkdir(path);
  return made ?? path;
}

function hasCode(error: unknown, code: string): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === code;
}
