import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type HttpClient } from './http-client.js';
import { type Served } from './served.js';

const TICKS_A_SECOND = 100;
/** A connection reports its figures at the end of a transaction when it has not for a second. */
const STATISTICS_MS = 1100;
/** Enough at once that each connection of the pool takes part. */
const PROBES = 64;

export interface Spent {
  readonly apiCpuSeconds: number;
  /** `null` where there is no /proc. */
  readonly postgresCpuSeconds: number | null;
  readonly loadCpuSeconds: number;
  readonly walBytes: number;
  readonly statements: number;
  /** How long the service's one JavaScript thread had something to do. */
  readonly busySeconds: number;
}

/** Since the server started. */
interface Totals {
  readonly transactions: number;
  /** Inserted, updated, deleted. */
  readonly rows: number;
}

/** The service's PostgreSQL, asked from outside. */
export class Server {
  private probed = 0;

  private constructor(
    private readonly served: Served,
    readonly db: pg.Client,
  ) {}

  static async connect(served: Served): Promise<Server> {
    const db = new pg.Client({ connectionString: served.databaseUrl });
    await db.connect();
    return new Server(served, db);
  }

  close(): Promise<void> {
    return this.db.end();
  }

  /** The settings on which durability hangs, as the server itself states them. @throws Error when one is off */
  async durability(): Promise<Readonly<Record<string, string>>> {
    const shown: Record<string, string> = {};
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'server_version']) {
      const { rows } = await this.db.query<Record<string, string>>(`show ${name}`);
      shown[name] = rows[0]?.[name] ?? '';
    }
    if (shown['fsync'] !== 'on' || shown['synchronous_commit'] !== 'on') {
      throw new Error(`the database is not durable: ${JSON.stringify(shown)}`);
    }
    return shown;
  }

  /** What it cost while the work ran. */
  async during<Result>(work: () => Promise<Result>): Promise<Result & { readonly spent: Spent }> {
    const before = await this.counters();
    const result = await work();
    const after = await this.counters();
    const [begun, ended] = [before.postgres, after.postgres];
    const spent = {
      apiCpuSeconds: after.usage.cpuSeconds - before.usage.cpuSeconds,
      postgresCpuSeconds: begun === null || ended === null ? null : ended - begun,
      loadCpuSeconds: after.load - before.load,
      walBytes: after.wal - before.wal,
      statements: after.usage.statements - before.usage.statements,
      busySeconds: (after.usage.busyMs - before.usage.busyMs) / 1000,
    };
    return { ...result, spent };
  }

  /** Without the probes that bring the connections to report. */
  async totals(client: HttpClient): Promise<Totals> {
    await sleep(STATISTICS_MS);
    this.probed += PROBES;
    await Promise.all(Array.from({ length: PROBES }, () => client.ask('/health/ready', { token: '' })));
    const { rows } = await this.db.query<{ transactions: string; rows: string }>(
      `select xact_commit as transactions, tup_inserted + tup_updated + tup_deleted as rows
       from pg_stat_database where datname = current_database()`,
    );
    return { transactions: Number(rows[0]?.transactions) - this.probed, rows: Number(rows[0]?.rows) };
  }

  private async counters() {
    const [usage, postgres, { rows }] = await Promise.all([
      this.served.usage(),
      postgresCpuSeconds(this.served.postmaster),
      this.db.query<{ bytes: string }>(`select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`),
    ]);
    const { user, system } = process.cpuUsage();
    return { usage, postgres, wal: Number(rows[0]?.bytes), load: (user + system) / 1e6 };
  }
}

/** Of the postmaster, its living children and those it has buried. */
export async function postgresCpuSeconds(postmaster: number): Promise<number | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null) return null;
  let ticks = 0;
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    ticks += ticksOf(stat, { pid: Number(pid), postmaster });
  }
  return ticks / TICKS_A_SECOND;
}

/** proc(5): after the command's closing bracket come state, ppid, …, utime, stime, cutime, cstime as 12th to 15th. */
export function ticksOf(stat: string, { pid, postmaster }: { pid: number; postmaster: number }): number {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [own, buried] = [fields.slice(11, 13), fields.slice(13, 15)];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  if (pid === postmaster) return sum(own) + sum(buried);
  return fields[1] === postmaster ? sum(own) : 0;
}
