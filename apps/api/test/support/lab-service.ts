import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { z } from 'zod';
import { until } from '../../../../test/support/until.js';
import { serviceDatabase } from '../../src/node/database.js';
import { Client } from './client.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';

export const COMPARISONS = '/v1/lab/comparisons';
/** A second or two. */
export const SMALL = {
  workload: 'pair',
  variants: ['source-chain'],
  messages: 8,
  parts: ['observers', 'cost'],
};
/** Longer than a test takes. */
export const LONG = {
  messages: 480,
  agents: 48,
  variants: ['pairwise-dht'],
  parts: ['observers', 'receipts'],
};

const itemSchema = z.object({
  id: z.string(),
  status: z.enum(['running', 'finished', 'failed', 'cancelled']),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  asked: z.record(z.string(), z.unknown()),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  progress: z
    .object({ variant: z.string(), step: z.string(), done: z.number(), total: z.number() })
    .nullable(),
  report: z.looseObject({ isPartial: z.boolean() }).nullish(),
});
type ComparisonJson = z.infer<typeof itemSchema>;

/** One folder and one database, and the services that are started on them, one after another. */
export class LabService {
  private readonly started: ServiceProcess[] = [];

  private constructor(
    readonly dataDir: string,
    private readonly database: TestDatabase,
  ) {}

  static async open(): Promise<LabService> {
    const dataDir = await mkdtemp(join(tmpdir(), 'musubi-service-'));
    return new LabService(dataDir, await openTestDatabase(serviceDatabase));
  }

  async start(environment: Readonly<Record<string, string>> = { LAB: '1' }): Promise<LabClient> {
    const service = await startServiceProcess({
      ...{ PORT: '0', DATABASE_URL: this.database.url, NODE_SECRET: `${'a'.repeat(42)}A` },
      ...{ DATA_DIR: this.dataDir, LOG_LEVEL: 'warn', ...environment },
    });
    this.started.push(service);
    return new LabClient(service);
  }

  /** Ends the service that runs. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    return (await this.started.pop()?.end(signal)) ?? null;
  }

  /** The PostgreSQL of a comparison, and the process that compares, once both are there. */
  running(): Promise<readonly number[]> {
    return until(() =>
      Promise.resolve([/^postmaster\.pid$/, /^owner\.\d+$/].map((name) => this.pidIn(name))),
    );
  }

  /** Temporary files of comparisons. */
  left(): readonly string[] {
    const root = join(this.dataDir, 'lab');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.split(sep)[1] === 'tmp').map((file) => join(root, file));
  }

  async close(): Promise<void> {
    await Promise.all(this.started.map((service) => service.end('SIGTERM')));
    await this.database.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private pidIn(name: RegExp): number {
    const found = this.left().find((file) => name.test(basename(file)));
    const [digits] = /\d+/.exec(readFileSync(found ?? '', 'utf8')) ?? [];
    if (digits === undefined) throw new Error(`there is no ${String(name)}`);
    return Number(digits);
  }
}

/** What is asked of the lab of one service. */
export class LabClient extends Client {
  constructor(service: ServiceProcess) {
    super(service.url);
  }

  /** @returns the id */
  async begin(order: object): Promise<string> {
    const answer = await this.request(COMPARISONS, { body: order });
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
    return itemSchema.parse(await answer.json()).id;
  }

  async comparison(id: string): Promise<ComparisonJson> {
    return itemSchema.parse(await (await this.request(`${COMPARISONS}/${id}`)).json());
  }

  async comparisons(query = ''): Promise<{ items: readonly ComparisonJson[]; next: string | null }> {
    const page = z.object({ items: z.array(itemSchema), next: z.string().nullable(), prev: z.null() });
    return page.parse(await (await this.request(`${COMPARISONS}${query}`)).json());
  }

  /** Once the comparison is as it should be. */
  when(id: string, holds: (comparison: ComparisonJson) => boolean): Promise<ComparisonJson> {
    return until(async () => {
      const comparison = await this.comparison(id);
      if (!holds(comparison)) throw new Error(`still ${JSON.stringify({ ...comparison, report: null })}`);
      return comparison;
    });
  }

  over(id: string): Promise<ComparisonJson> {
    return this.when(id, ({ status }) => status !== 'running');
  }

  cancel(id: string): Promise<Response> {
    return this.request(`${COMPARISONS}/${id}`, { method: 'DELETE' });
  }

  async measured(strategy: string): Promise<unknown> {
    const item = z.object({ guarantees: z.object({}), measured: z.unknown() });
    return item.parse(await (await this.request(`/v1/strategies/${strategy}`)).json()).measured;
  }
}

/** A process that is dead and that nobody has asked about is not. */
export function isAlive(pid: number): boolean {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat !== '' && !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
