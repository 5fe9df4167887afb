import { access, constants, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './usage-error.js';

/** The folder of a report. Files come into being whole: under another name first. */
export class ReportFolder {
  private constructor(private readonly path: string) {}

  /** Makes sure, before anything is measured, that it can be written. @throws UsageError */
  static async open(path: string): Promise<ReportFolder> {
    const folder = new ReportFolder(path);
    try {
      await mkdir(path, { recursive: true });
      await access(path, constants.W_OK);
    } catch {
      throw new UsageError(`The folder ${path} cannot be written.`);
    }
    return folder;
  }

  /** @returns where it is */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
    return path;
  }
}
