import { access, constants, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@musubi/embedded-postgres';
import { UsageError } from '../workloads/usage-error.js';

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
      const made = await makeFolder(path);
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
