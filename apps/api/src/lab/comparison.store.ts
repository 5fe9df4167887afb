import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { types } from 'node:util';
import {
  type OwnerLock,
  acquireOwnerLock,
  isDataDirectoryInUse,
  makeFolder,
} from '@musubi/embedded-postgres';
import { type Config } from '../config/config.js';
import { type ComparisonRecord, comparisonRecordSchema } from './comparisons.schemas.js';

const ID = /^\d{17}-[0-9a-f]{6}$/;
const RECORD = 'comparison.json';
/** What is further ahead was not begun yet. */
const FUTURE_MS = 60_000;

/** The comparisons that were asked for, each in a folder of its own under `DATA_DIR/lab`. */
export class ComparisonStore {
  private readonly root: string;
  private readonly kept: number;

  constructor({ dataDir, labComparisons }: Pick<Config, 'dataDir' | 'labComparisons'>) {
    this.root = resolve(dataDir, 'lab');
    this.kept = labComparisons;
  }

  /** Ids sort by time. */
  static newId(now: Date): string {
    return `${now.toISOString().replaceAll(/\D/g, '')}-${randomBytes(3).toString('hex')}`;
  }

  folderOf(id: string): string {
    return join(this.root, id);
  }

  /** One process runs one comparison at a time here. @throws DataDirectoryInUseError */
  async lock(): Promise<OwnerLock> {
    await makeFolder(this.root);
    return acquireOwnerLock(this.root);
  }

  /** Whether a live process, this one or another, runs a comparison here. */
  isLocked(): Promise<boolean> {
    return isDataDirectoryInUse(this.root);
  }

  async write(record: ComparisonRecord): Promise<void> {
    const path = join(this.folderOf(record.id), RECORD);
    await makeFolder(this.folderOf(record.id));
    await writeFile(`${path}.part`, `${JSON.stringify(record, null, 2)}\n`);
    await rename(`${path}.part`, path);
  }

  /** `null` where there is none, and where a power failure has cut it short. */
  async find(id: string): Promise<ComparisonRecord | null> {
    const text = await this.read(id, RECORD);
    return text === null ? null : (comparisonRecordSchema.safeParse(jsonOf(text)).data ?? null);
  }

  /** The ids, the latest first. Those of the future come last: a clock that was wrong made them. */
  async ids(after?: string): Promise<readonly string[]> {
    const names = await readdir(this.root).catch(() => []);
    const ids = names
      .filter((name) => ID.test(name))
      .toSorted()
      .toReversed();
    const soonest = ComparisonStore.newId(new Date(Date.now() + FUTURE_MS));
    const all = [...ids.filter((id) => id < soonest), ...ids.filter((id) => id >= soonest)];
    if (after === undefined) return all;
    const place = all.indexOf(after);
    return place < 0 ? all.filter((id) => id < after) : all.slice(place + 1);
  }

  /**
   * Removes the oldest with all their files, so that no more than are to be kept are left; those that are needed stay.
   * For who holds the lock, while nothing runs.
   */
  async removeOldest(needed: () => Promise<ReadonlySet<string>>): Promise<void> {
    const oldest = (await this.ids()).slice(this.kept);
    if (oldest.length === 0) return;
    const staying = await needed();
    for (const id of oldest) {
      if (!staying.has(id)) await rm(this.folderOf(id), { recursive: true, force: true });
    }
  }

  /** A file of a comparison; `null` where there is none. */
  async read(id: string, name: 'report.json' | 'report.html' | typeof RECORD): Promise<string | null> {
    if (!ID.test(id)) return null;
    try {
      return await readFile(join(this.folderOf(id), name), 'utf8');
    } catch (error) {
      if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
