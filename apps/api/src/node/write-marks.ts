import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitHooks } from '@musubi/cell';
import { hasCode } from '@musubi/database';
import { type Clock, type Log } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { ConfigError } from '../config/config.js';

interface WriteMarkParts {
  readonly database: DataSource;
  readonly dataDir: string;
  /** The mark of a restored database that the operator goes on with. */
  readonly acceptRestored: number | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Log;
}

/** Between two marks while agents write. */
const MARK_MS = 1000;

const FIND = `
  with made as (
    insert into write_mark (id, name, mark) values (1, uuid_send(gen_random_uuid()), 0)
    on conflict on constraint write_mark_once do nothing returning name, mark)
  select encode(name, 'hex') as name, mark from made
  union all select encode(name, 'hex'), mark from write_mark limit 1`;
const RAISE = 'update write_mark set mark = greatest(mark, $1) + 1 where mark >= $2 returning mark';
/** One that another process inserts just now is there the next time. */
const MOST_FINDS = 10;
/** A file that was begun so long before another one was finished has no process any more. */
const ABANDONED_MS = 600_000;
const BEGUN = '.new';
const CONTENT = /^\d+\n?$/;

interface Found {
  readonly name: string;
  readonly mark: number;
}

/**
 * How far this node has written, in the database and in a file beside it. A backup does not have the marks of after it. So a
 * restored database has a lower one than the file, and its agents would sign again what they have signed already.
 */
export class WriteMarks {
  /** Resolves when the database is behind what this process has raised it to: it was restored meanwhile. */
  readonly fallenBack: Promise<Error>;
  private tellFallenBack: (error: Error) => void = () => undefined;
  private hasFallenBack = false;
  /** What this process has raised the database to. */
  private highest = 0;
  private hasWritten = false;
  private marking: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly parts: WriteMarkParts,
    private readonly path: string,
  ) {
    this.fallenBack = new Promise((resolve) => {
      this.tellFallenBack = resolve;
    });
  }

  /**
   * To be called before the first agent comes online.
   * @returns null where nothing can be kept beside the database, as in a container without a volume
   * @throws ConfigError when the database was restored from a backup, or the file holds no mark
   */
  static async open(parts: WriteMarkParts): Promise<WriteMarks | null> {
    const folder = join(parts.dataDir, 'marks');
    if (!(await canKeepIn(folder))) {
      parts.log.warn('write-marks-not-kept');
      return null;
    }
    const marks = new WriteMarks(parts, join(folder, (await find(parts.database)).name));
    // First the file: another process may raise both meanwhile.
    const written = await marks.read();
    const stored = (await find(parts.database)).mark;
    if (written > stored && parts.acceptRestored !== stored) throw restored(stored, written);
    await marks.raise(written);
    await marks.removeAbandoned(folder);
    return marks;
  }

  /** Notes commits on agents' chains. Waits for nothing. */
  readonly around = (inner: CommitHooks): CommitHooks => ({
    run: async (point, transaction) => {
      const result = await inner.run(point, transaction);
      this.hasWritten = true;
      this.marking ??= this.markInTurn();
      return result;
    },
  });

  /** Nothing is written any more. */
  async stop(): Promise<void> {
    this.stopping.abort('stopped');
    await this.marking;
    if (this.hasWritten) await this.mark();
  }

  private async markInTurn(): Promise<void> {
    await this.mark();
    await this.parts.clock.sleep(MARK_MS, this.stopping.signal);
    this.marking = this.hasWritten && !this.stopping.signal.aborted ? this.markInTurn() : undefined;
  }

  /** Never rejects. The next one makes up for it. */
  private async mark(): Promise<void> {
    this.hasWritten = false;
    if (this.hasFallenBack) return;
    try {
      await this.raise(0);
    } catch (error) {
      this.hasWritten = true;
      this.parts.log.warn('write-mark-failed', { error: error instanceof Error ? error.name : typeof error });
    }
  }

  /** First in the database: a file that is ahead of it means a backup. */
  private async raise(atLeast: number): Promise<void> {
    const bounds = [atLeast, this.highest];
    const [[row]] = await this.parts.database.query<[{ mark: string }[], number]>(RAISE, bounds);
    if (row === undefined) {
      this.fallBack();
      return;
    }
    this.highest = Number(row.mark);
    await this.write(row.mark);
  }

  /** The file stays ahead, so that the next start says what to do. */
  private fallBack(): void {
    this.hasFallenBack = true;
    this.parts.log.warn('database-older-than-before', { mark: this.highest });
    this.tellFallenBack(new Error('The database is older than what this node has written to it.'));
  }

  private async write(mark: string): Promise<void> {
    // Another process that starts on this folder has a file of its own.
    const next = `${this.path}.${randomUUID()}${BEGUN}`;
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${mark}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, this.path);
  }

  /** What killed processes have begun. Only the clock that dates files is asked. */
  private async removeAbandoned(folder: string): Promise<void> {
    const { mtimeMs: now } = await stat(this.path);
    for (const name of await readdir(folder)) {
      if (!name.endsWith(BEGUN)) continue;
      const path = join(folder, name);
      const begun = await stat(path).catch(() => null);
      if (begun !== null && now - begun.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
    }
  }

  /** @throws ConfigError */
  private async read(): Promise<number> {
    const content = await readFile(this.path, 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return '0';
      throw error;
    });
    if (CONTENT.test(content)) return Number(content);
    throw new ConfigError(
      `${this.path} holds no mark of how far this node has written. Bring the file back as it was: ` +
        '"Restoring a node with links" in operations.md says what it is for.',
    );
  }
}

async function find(database: DataSource): Promise<Found> {
  for (let time = 0; time < MOST_FINDS; time += 1) {
    const [row] = await database.query<{ name: string; mark: string }[]>(FIND);
    if (row !== undefined) return { name: row.name, mark: Number(row.mark) };
  }
  throw new Error('the database keeps no mark');
}

async function canKeepIn(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function restored(stored: number, written: number): ConfigError {
  return new ConfigError(
    `The database is older than what this node has written: it was restored from a backup (mark ${stored} of ` +
      `${written}). Its agents would sign a second action where other nodes hold a first one. Nothing was written. ` +
      `Restore a later backup, or go on with ACCEPT_RESTORED=${stored}: "Restoring a node with links" in operations.md ` +
      'says what that costs.',
  );
}
