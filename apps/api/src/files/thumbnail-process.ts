import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Built, it is `thumbnail-worker.js`; from the sources, `thumbnail-worker.ts`, which Node reads with the service's loader. */
const WORKER = fileURLToPath(new URL(`./thumbnail-worker${extname(import.meta.url)}`, import.meta.url));
const FLAGS = WORKER.endsWith('.ts') ? process.execArgv : [];
const COMMAND = [process.execPath, ...FLAGS, '--max-old-space-size=64', '--v8-pool-size=1', WORKER];

/**
 * What the kernel bounds, before Node begins: no core and no file is written; 15 s of a processor, then SIGXCPU; 512 MiB of
 * memory. Where memory runs out, the kernel ends it rather than the service. The service's own work comes first.
 */
const LIMITED = `
  ulimit -c 0 && ulimit -f 0 || exit 1
  ulimit -S -t 15; ulimit -H -t 20; ulimit -d 524288
  { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
  exec nice -n 5 "$@"`;

/** Nothing of the service's environment: it holds secrets. A large image is never laid out in a temporary file. */
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  VIPS_DISC_THRESHOLD: '100g',
  UV_THREADPOOL_SIZE: '1',
  MALLOC_ARENA_MAX: '2',
};

/** A thumbnail has some 20 KiB. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Counts time that it waits for a processor: the kernel bounds what it uses. */
const LIMIT_MS = 35_000;

/** How a process ended. What it has written counts for exit code 0. */
export interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: Buffer;
}

interface WorkerOptions {
  /** Kills it. */
  readonly signal: AbortSignal;
  readonly command?: readonly string[];
  readonly limitMs?: number;
}

/** Gives the content to a process that may crash, hang or want too much. @throws what the content throws */
export async function runThumbnailWorker(
  content: AsyncIterable<Uint8Array>,
  { signal, command = COMMAND, limitMs = LIMIT_MS }: WorkerOptions,
): Promise<WorkerEnd> {
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...command], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    const [feeding, output, end] = await Promise.all([feed(child, content), outputOf(child), endOf(child)]);
    if (feeding !== null) throw feeding.error;
    return { ...end, output };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** @returns what the content threw. That it takes no more is no failure: its end says why */
async function feed(
  child: Child,
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly error: unknown } | null> {
  let failure: { readonly error: unknown } | null = null;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* content;
    } catch (error) {
      failure = { error };
      child.kill('SIGKILL');
    }
  }
  await pipeline(watched(), child.stdin).catch(() => undefined);
  return failure;
}

async function outputOf(child: Child): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    else parts.push(part);
  }
  return Buffer.concat(parts);
}

/** One that cannot be started has neither code nor signal. */
function endOf(child: Child): Promise<Omit<WorkerEnd, 'output'>> {
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve({ exitCode: null, signal: null });
    });
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal });
    });
  });
}
