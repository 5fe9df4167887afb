import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Day, type SpaceId } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type Hash, hashFrom } from '../chain/hash.js';
import { type DhtArrivalRow, type DhtFeedRow } from '../schema/index.js';
import { THIS_TRANSACTION } from './arrival-rows.js';

/** A link that was newly published; of a seq of 0, whatever else was announced under that base. */
export interface Arrival {
  readonly base: Hash;
  /** 32 bytes as base64url. */
  readonly author: string;
  readonly seq: number;
}

/** What is filed under which period, as it stands now. */
export interface FeedState {
  /** The number of the period that runs. */
  readonly period: number;
  /** The day on which it began; `null` when none was ever begun. */
  readonly began: Day | null;
  /** The days of links that were published in it and in the one before. */
  readonly days: readonly Day[];
}

/** Arrivals in one answer of the database, and more where one transaction has more. */
const PAGE = 1000;
/** How long arrivals stay: a reader that comes more often misses none. */
export const ARRIVALS_STAY_MS = 300_000;

/** No transaction has that number. */
const NEVER = 2n ** 62n;

const READ = `
  select pg_snapshot_xmin(pg_current_snapshot())::text as horizon,
    pg_snapshot_xmax(pg_current_snapshot())::text as frontier,
    f.epoch, f.trimmed, a.transaction, a.author, a.seq, a.base
  from (select 1) as one
  left join lateral (select * from dht_feed order by epoch desc limit 1) f on true
  left join lateral (
    select * from dht_arrival where transaction >= $1 order by transaction fetch first ${PAGE} rows with ties
  ) a on true
  order by a.transaction`;

const BEGIN = `
  with old_feed as (delete from dht_feed), old_arrivals as (delete from dht_arrival)
  insert into dht_feed (epoch, trimmed) values (${THIS_TRANSACTION}, 0)`;

const TRIM = `
  with gone as (delete from dht_arrival where transaction < $1)
  update dht_feed set trimmed = $1 where trimmed < $1`;

const STATE = `
  select coalesce(p.number, 0) as period, p.day as began,
    array(select distinct day from dht_day where space = $1 and period >= coalesce(p.number, 0) - 1) as days
  from (select 1) as one
  left join lateral (select * from dht_period order by number desc limit 1) p on true`;

const ADVANCE = `
  with ended as (delete from dht_period where number < $1::int - 1)
  insert into dht_period (number, day) values ($1::int + 1, $2)
  on conflict on constraint dht_period_once do nothing`;

type ArrivedRow = Pick<DhtArrivalRow, 'transaction' | 'author' | 'seq' | 'base'>;
type ReadRow = { readonly [Column in keyof ArrivedRow]: ArrivedRow[Column] | null } & {
  readonly [Column in keyof DhtFeedRow]: DhtFeedRow[Column] | null;
} & { readonly horizon: string; readonly frontier: string };

/** What one question finds. */
interface Page {
  readonly epoch: bigint | null;
  readonly trimmed: bigint;
  /** All transactions before this one had ended. */
  readonly horizon: bigint;
  /** No transaction that had ended is this one, or a later one. */
  readonly frontier: bigint;
  readonly arrived: readonly ArrivedRow[];
}

/**
 * What was newly published, in all processes on this database, since this reader last looked. Transactions commit in
 * another order than that of their numbers: a reader begins again at the oldest one that had not ended when it looked.
 */
export class DhtFeed {
  /** All transactions before this one have been read; `null` before the first look. */
  private after: bigint | null = null;
  private epoch: bigint | null = null;
  /** Those of later transactions that were read as well. */
  private seen = new Map<string, bigint>();
  /** When which transactions had ended, for as long as arrivals stay. */
  private readonly horizons: { readonly steadyMs: number; readonly horizon: bigint }[] = [];
  private hasUntrimmed = true;
  private lastArrival = 0n;

  constructor(
    private readonly db: DataSource,
    private readonly space: SpaceId,
  ) {}

  /**
   * Hands on what is new. The first look finds nothing: its caller reads the DHT itself.
   * @returns false when some may be missing: the server crashed, or nobody looked for too long
   */
  async read(take: (arrival: Arrival) => void): Promise<boolean> {
    const first = await this.page(this.after);
    let isWhole = this.missesNothing(first);
    for (let page = first; page.arrived.length > 0; page = await this.page(transactionAfter(page))) {
      isWhole &&= this.missesNothing(page);
      for (const row of page.arrived) this.note(row, take);
      if (page.arrived.length < PAGE) break;
    }
    this.epoch = first.epoch;
    this.after = first.horizon;
    for (const [name, transaction] of this.seen) if (transaction < first.horizon) this.seen.delete(name);
    return isWhole;
  }

  async state(): Promise<FeedState> {
    const [row] = await this.db.query<FeedState[]>(STATE, [fromBase64Url(this.space)]);
    return row ?? { period: 0, began: null, days: [] };
  }

  /** The days of links that were published in that period and since, each with the last period in which some were. */
  async daysSince(period: number): Promise<readonly { readonly day: Day; readonly period: number }[]> {
    return this.db.query(
      'select day, max(period) as period from dht_day where space = $1 and period >= $2 group by day order by day desc',
      [fromBase64Url(this.space), period],
    );
  }

  /** Ends the period of that number and begins the next, unless somebody else just has. */
  async advance(period: number, today: Day): Promise<void> {
    await this.db.query(ADVANCE, [period, today]);
  }

  /** Removes what everybody has had the time to read. @param steadyMs by a clock that nobody sets */
  async trim(steadyMs: number): Promise<void> {
    const notedMs = this.horizons.at(-1)?.steadyMs ?? -Infinity;
    if (this.after !== null && steadyMs > notedMs) this.horizons.push({ steadyMs, horizon: this.after });
    const old = this.horizons.filter((one) => one.steadyMs <= steadyMs - ARRIVALS_STAY_MS);
    const last = this.horizons.splice(0, old.length).at(-1);
    if (last === undefined || !this.hasUntrimmed) return;
    await this.db.query(TRIM, [String(last.horizon)]);
    this.hasUntrimmed = this.seen.size > 0 || this.lastArrival >= last.horizon;
  }

  private missesNothing({ epoch, trimmed }: Page): boolean {
    return this.after === null || (epoch === this.epoch && trimmed <= this.after);
  }

  private note(row: ArrivedRow, take: (arrival: Arrival) => void): void {
    const author = toBase64Url(row.author);
    const name = `${row.transaction}/${author}/${row.seq}`;
    if (this.seen.has(name)) return;
    const transaction = BigInt(row.transaction);
    this.seen.set(name, transaction);
    this.hasUntrimmed = true;
    if (transaction > this.lastArrival) this.lastArrival = transaction;
    take({ base: hashFrom(row.base), author, seq: row.seq });
  }

  /** Begins the feed where there is none, or one that came with a dump from a server whose numbers were higher. */
  private async page(from: bigint | null): Promise<Page> {
    const page = await this.ask(from);
    if (page.epoch !== null && page.epoch < page.frontier) return page;
    await this.db.query(BEGIN);
    return this.ask(from);
  }

  private async ask(from: bigint | null): Promise<Page> {
    const rows = await this.db.query<ReadRow[]>(READ, [String(from ?? NEVER)]);
    const { epoch = null, trimmed, horizon, frontier } = rows[0] ?? {};
    return {
      epoch: epoch === null ? null : BigInt(epoch),
      trimmed: BigInt(trimmed ?? 0),
      horizon: BigInt(horizon ?? 0),
      frontier: BigInt(frontier ?? 0),
      arrived: rows.flatMap(arrivedIn),
    };
  }
}

function arrivedIn({ transaction, author, seq, base }: ReadRow): readonly ArrivedRow[] {
  if (transaction === null || author === null || seq === null || base === null) return [];
  return [{ transaction, author, seq, base }];
}

function transactionAfter({ arrived }: Page): bigint {
  return BigInt(arrived.at(-1)?.transaction ?? 0) + 1n;
}
