import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Of this build. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
const START_DEADLINE_MS = 120_000;

/** What the service is configured with; all else is as `npm start` has it. */
export const ENVIRONMENT = { PORT: '0', LOG_LEVEL: 'warn', RATE_LIMIT_PER_SECOND: '1000000' } as const;
/** The connections of the service's pool, by default. */
export const POOL_SIZE = 16;

const usageSchema = z.object({ cpuSeconds: z.number(), statements: z.number(), busyMs: z.number() });
const memorySchema = z.object({ rss: z.number(), heapUsed: z.number() });
type Usage = z.infer<typeof usageSchema>;
/** Bytes. */
export type Memory = z.infer<typeof memorySchema>;

const answerSchema = z.object({ id: z.number(), answer: z.unknown() });

/** The built service as a process of its own, on an embedded database of its own, with the probe in it. */
export class Served {
  private asked = 0;
  private readonly waiting = new Map<number, (answer: unknown) => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly databaseUrl: string,
    /** PostgreSQL's first process. */
    readonly postmaster: number,
    readonly startMs: number,
  ) {
    child.on('message', (message) => {
      const { id, answer } = answerSchema.parse(message);
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
  }

  /** @throws Error with its output when it ends before it serves */
  static async start(
    dataDir: string,
    root = ROOT,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Served> {
    const begun = performance.now();
    // The build's own: it counts what that build's driver is asked.
    const flags = ['--import', join(root, 'test/bench/service/probe.js')];
    const child = spawn(process.execPath, [...flags, join(root, 'apps/api/dist/main.js')], {
      env: { PATH: process.env['PATH'] ?? '', ...ENVIRONMENT, ...environment, DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const url = await urlPrintedBy(child);
    const startMs = performance.now() - begun;
    const { pid, databaseUrl } = await databaseIn(dataDir);
    return new Served(child, url, databaseUrl, pid, startMs);
  }

  async usage(): Promise<Usage> {
    return usageSchema.parse(await this.ask('usage'));
  }

  /** After a full collection, or as it is. */
  async memory(isCollected: boolean): Promise<Memory> {
    return memorySchema.parse(await this.ask(isCollected ? 'memory' : 'resident'));
  }

  async startProfile(): Promise<void> {
    await this.ask('startProfile');
  }

  async stopProfile(path: string): Promise<void> {
    await this.ask('stopProfile', path);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  private ask(ask: string, path?: string): Promise<unknown> {
    const id = (this.asked += 1);
    const answer = new Promise<unknown>((resolve) => this.waiting.set(id, resolve));
    this.child.send({ id, ask, path });
    return answer;
  }
}

/** The lines of `postmaster.pid` are the process, the data folder, the start time, the port, the socket's folder. */
async function databaseIn(dataDir: string): Promise<{ readonly pid: number; readonly databaseUrl: string }> {
  const [password, lock] = await Promise.all([
    readFile(join(dataDir, 'password'), 'utf8'),
    readFile(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8'),
  ]);
  const [pid, , , port, socketFolder = ''] = lock.split('\n');
  const host = encodeURIComponent(socketFolder);
  return { pid: Number(pid), databaseUrl: `postgres://musubi:${password.trim()}@${host}:${port}/postgres` };
}

async function urlPrintedBy(child: ChildProcess): Promise<string> {
  let printed = '';
  const url = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /Musubi answers at (http:\S+)/.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(START_DEADLINE_MS) }).then(() => {
    throw new Error(`the service ended before it served: ${printed}`);
  });
  return Promise.race([url, ended]);
}
