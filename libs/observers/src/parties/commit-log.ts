import { sqlStateOf } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { rowsOf } from './row-stream.js';

interface CommitRow {
  readonly xid: string;
  /** µs since the epoch */
  readonly at: string;
  /** ` 811 812`: the savepoints' own numbers, which rows carry as well. */
  readonly subtransactions: string | null;
  readonly end: string;
}

/**
 * COMMIT PREPARED names the transaction that it commits in front of the time. Time and cast are of one session, so that
 * its time zone makes no difference.
 */
const COMMITS = String.raw`
  select coalesce(substring(description from '^(\d+): '), xid::text) as xid,
    (extract(epoch from substring(description from '\d{4}-\d\d-\d\d [\d:.]+[+-][\d:]+')::timestamptz)
      * 1000000)::bigint::text as at,
    substring(description from 'subxacts:((?: \d+)+)') as subtransactions,
    end_lsn::text as end
  from pg_get_wal_records_info($1::pg_lsn, pg_current_wal_flush_lsn())
  where resource_manager = 'Transaction' and record_type like 'COMMIT%'`;

/** Where the oldest file that is left begins. A file's name is its timeline, and its place in two halves of 32 bits. */
const OLDEST = `
  select min('0/0'::pg_lsn + ('x' || substr(name, 9, 8))::bit(32)::bigint * 4294967296.0
    + ('x' || substr(name, 17, 8))::bit(32)::bigint * pg_size_bytes(current_setting('wal_segment_size'))::numeric
  )::text as oldest
  from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`;

const UNDEFINED_FUNCTION = '42883';
const UNDEFINED_FILE = '58P01';
const INSUFFICIENT_PRIVILEGE = '42501';
const INTERNAL_ERROR = 'XX000';
const INVALID_PARAMETER = '22023';

/** Why the log gives no times. */
export type Unreadable =
  /** `pg_walinspect` (PostgreSQL 15 or newer) is not installed in this database, and cannot be. */
  | 'no-extension'
  /** Only a superuser may read the log, or a member of `pg_read_server_files`. */
  | 'not-permitted';

/**
 * When transactions were committed, by PostgreSQL's write-ahead log: what `pg_waldump` prints of its COMMIT records, read
 * through the extension `pg_walinspect`, which is made where it is missing and holds no table. Each call reads on from the
 * last, so all calls together read the log once. What has not been written out yet is not on the disk; what the server
 * has recycled before it was read is skipped, and its transactions have no time.
 */
export class CommitLog {
  private readonly times = new Map<number, number>();
  private refusal: Unreadable | null = null;
  private isPrepared = false;

  /** @param from where to begin, as `pg_current_wal_insert_lsn()` says it: `0/2039460` */
  constructor(
    private readonly db: DataSource,
    private from: string,
  ) {}

  /** Why nothing can be read, if that is so. */
  get unreadable(): Unreadable | null {
    return this.refusal;
  }

  /** When it was committed: µs since the epoch, by the server's clock. The lower 32 bits of its number count. */
  timeOf(transaction: number): number | undefined {
    return this.times.get(transaction % 2 ** 32);
  }

  /** Reads what has been written out since the last call. @throws Error when files are missing in between */
  async readOn(): Promise<void> {
    if (!this.isPrepared) await this.prepare();
    this.isPrepared = true;
    if (this.refusal === null) await this.guarded(() => this.readCommits());
  }

  private async prepare(): Promise<void> {
    try {
      await this.db.query('create extension if not exists pg_walinspect');
    } catch {
      // A role that may not create it may still use it where it exists; reading shows that.
    }
  }

  private async guarded(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === UNDEFINED_FUNCTION) this.refusal = 'no-extension';
      else if (state === INSUFFICIENT_PRIVILEGE) this.refusal = 'not-permitted';
      else if (state === UNDEFINED_FILE) await this.guarded(() => this.skipRecycled());
      else if (!isNothingNew(error)) throw error;
    }
  }

  private async readCommits(): Promise<void> {
    for await (const { xid, at, subtransactions, end } of rowsOf<CommitRow>(this.db, COMMITS, [this.from])) {
      for (const part of [xid, ...(subtransactions ?? '').split(' ').filter(Boolean)]) {
        this.times.set(Number(part), Number(at));
      }
      this.from = end;
    }
  }

  private async skipRecycled(): Promise<void> {
    const [row] = await this.db.query<{ oldest: string | null }[]>(OLDEST);
    const oldest = row?.oldest ?? null;
    if (oldest === null || oldest === this.from) throw new Error('the write-ahead log has a hole');
    this.from = oldest;
    await this.readCommits();
  }
}

/**
 * Between the last record that was read and the end of what is written out, there is no whole record; PostgreSQL 15 minds
 * that the two are one.
 */
function isNothingNew(error: unknown): boolean {
  const isSaid = error instanceof Error && /find a valid record|must be less than/.test(error.message);
  return isSaid && [INTERNAL_ERROR, INVALID_PARAMETER].includes(sqlStateOf(error) ?? '');
}
