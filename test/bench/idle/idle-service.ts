import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type DataSource } from 'typeorm';
import { serviceDatabase } from '../../../apps/api/src/node/database.js';
import { type ServiceProcess, startServiceProcess } from '../../../apps/api/test/support/service-process.js';
import { p50 } from '../figures.js';
import { type Population, populate } from './population.js';

const NODE_SECRET = `${'b'.repeat(42)}A`;
/** Clock ticks of Linux in a second, for user space (USER_HZ). */
const TICKS = 100;
/** What a start leaves to do is done when a look finds fewer transactions a second than this. */
const CALM = 50;
const LOOK_MS = 5000;
const MOST_LOOKS = 60;

interface IdleSettings extends Population {
  /** Seconds of idling that are measured. */
  readonly seconds: number;
  readonly starts: number;
}

export interface IdleReport {
  readonly settings: IdleSettings;
  readonly transactionsPerSecond: number;
  /** Of the service's process; 1 is a core. */
  readonly processorShare: number;
  /** Medians from the start of the process to its first answer. */
  readonly startSeconds: { readonly empty: number; readonly populated: number };
}

/** The service with agents who do nothing: how soon it answers, and what it does meanwhile. */
export async function measureIdle(settings: IdleSettings, signal: AbortSignal): Promise<IdleReport> {
  const empty = await openTestDatabase(serviceDatabase, { poolSize: 4 });
  const populated = await openTestDatabase(serviceDatabase, { poolSize: 4 });
  try {
    await populate(populated.dataSource, settings, fromBase64Url(NODE_SECRET));
    const starts = { empty: [] as number[], populated: [] as number[] };
    for (let start = 1; start < settings.starts; start += 1) {
      signal.throwIfAborted();
      for (const [name, database] of [
        ['empty', empty],
        ['populated', populated],
      ] as const) {
        const { service, seconds } = await started(database);
        starts[name].push(seconds);
        await service.end('SIGTERM');
      }
    }
    const { service, seconds } = await started(populated);
    starts.populated.push(seconds);
    try {
      const idle = await idleOf(service, populated.dataSource, settings.seconds);
      return {
        settings,
        ...idle,
        startSeconds: { empty: p50(starts.empty), populated: p50(starts.populated) },
      };
    } finally {
      await service.end('SIGTERM');
    }
  } finally {
    await empty.close();
    await populated.close();
  }
}

async function started({
  url,
}: TestDatabase): Promise<{ readonly service: ServiceProcess; readonly seconds: number }> {
  const began = performance.now();
  const service = await startServiceProcess({
    PORT: '0',
    DATABASE_URL: url,
    NODE_SECRET,
    LOG_LEVEL: 'warn',
  });
  return { service, seconds: (performance.now() - began) / 1000 };
}

async function idleOf(
  { pid }: ServiceProcess,
  db: DataSource,
  seconds: number,
): Promise<Pick<IdleReport, 'transactionsPerSecond' | 'processorShare'>> {
  await untilCalm(db);
  const [ticks, transactions, began] = [await ticksOf(pid), await transactionsOf(db), performance.now()];
  await sleep(seconds * 1000);
  const went = (performance.now() - began) / 1000;
  return {
    transactionsPerSecond: ((await transactionsOf(db)) - transactions) / went,
    processorShare: ((await ticksOf(pid)) - ticks) / TICKS / went,
  };
}

async function untilCalm(db: DataSource): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const before = await transactionsOf(db);
    await sleep(LOOK_MS);
    if (((await transactionsOf(db)) - before) / (LOOK_MS / 1000) < CALM) return;
  }
}

/** Of all backends, those of this benchmark among them: some two a look. */
async function transactionsOf(db: DataSource): Promise<number> {
  const [row] = await db.query<{ commits: string }[]>(
    'select xact_commit as commits from pg_stat_database where datname = current_database()',
  );
  return Number(row?.commits);
}

/** Processor time of a process, user and system, in ticks. Linux only. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
