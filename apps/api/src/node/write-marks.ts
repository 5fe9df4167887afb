import { access, constants, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommitHooks } from '@musubi/cell';
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
const RAISE = 'update write_mark set mark = greatest(mark, $1) + 1 returning mark';

/**
 * How far this node has written, in the database and in a file beside it. A backup does not have the marks of after it. So a
 * restored database has a lower one than the file, and its agents would sign again what they have signed already.
 */
export class WriteMarks {
  private hasWritten = false;
  private marking: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly parts: WriteMarkParts,
    private readonly path: string,
  ) {}

  /**
   * To be called before the first agent comes online.
   * @returns null where nothing can be kept beside the database, as in a container without a volume
   * @throws ConfigError when the database was restored from a backup
   */
  static async open(parts: WriteMarkParts): Promise<WriteMarks | null> {
    const folder = join(parts.dataDir, 'marks');
    if (!(await canKeepIn(folder))) {
      parts.log.warn('write-marks-not-kept');
      return null;
    }
    const [row] = await parts.database.query<{ name: string; mark: string }[]>(FIND);
    const marks = new WriteMarks(parts, join(folder, row?.name ?? ''));
    const [stored, written] = [Number(row?.mark ?? 0), await marks.read()];
    if (written > stored && parts.acceptRestored !== stored) throw restored(stored, written);
    await marks.raise(written);
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
    try {
      await this.raise(0);
    } catch (error) {
      this.hasWritten = true;
      this.parts.log.warn('write-mark-failed', { error: error instanceof Error ? error.name : typeof error });
    }
  }

  /** First in the database: a file that is ahead of it means a backup. */
  private async raise(atLeast: number): Promise<void> {
    const [rows] = await this.parts.database.query<[{ mark: string }[], number]>(RAISE, [atLeast]);
    const file = await open(`${this.path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${rows[0]?.mark ?? ''}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.path}.new`, this.path);
  }

  private async read(): Promise<number> {
    try {
      return Number(await readFile(this.path, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
      throw error;
    }
  }
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
