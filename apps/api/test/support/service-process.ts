import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PATIENCE_MS } from '../../../../test/support/patience.js';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** How Node runs the service from its sources. */
export const FROM_SOURCES: readonly string[] = [
  '--conditions=@musubi/source',
  '--import',
  join(ROOT, 'test/support/ts-loader.js'),
  join(ROOT, 'apps/api/src/main.ts'),
];

/**
 * How Node runs the service here: with MUSUBI_BUILT=1 as `npm start` runs it; else from the sources, which Jest's global
 * setup has packed, since that takes two thirds of the time to start.
 */
export function wordsOfService(
  { MUSUBI_BUILT: built, MUSUBI_TEST_SERVICE: packed } = process.env,
): readonly string[] {
  if (built === '1') return [join(ROOT, 'apps/api/dist/main.js')];
  return packed === undefined ? FROM_SOURCES : ['--enable-source-maps', packed];
}

/** The service as a process of its own, as `npm start` runs it. */
export interface ServiceProcess {
  readonly pid: number;
  readonly url: string;
  /** Everything that was printed, logs included. */
  output(): string;
  /** The exit code, or `null` when a signal killed it, once it has ended. */
  readonly ended: Promise<number | null>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** How a process ended that never served. */
export class ServiceEndedError extends Error {
  override readonly name = 'ServiceEndedError';

  constructor(
    readonly exitCode: number | null,
    readonly output: string,
  ) {
    super(`the service ended with ${String(exitCode)}: ${output}`);
  }
}

/**
 * @param through words before those of Node: a program that executes it in the same process
 * @param nodes those of Node
 * @throws ServiceEndedError when it ends before it serves
 */
export async function startServiceProcess(
  environment: Readonly<Record<string, string>>,
  through: readonly string[] = [],
  nodes: readonly string[] = wordsOfService(),
): Promise<ServiceProcess> {
  const [file = '', ...words] = [...through, process.execPath, ...nodes];
  const child = spawn(file, words, {
    env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const output = (): string => printed.join('');
  // Not at its exit: then some of what it has printed may still be on the way.
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  const url = await Promise.race([
    urlIn(child, output),
    ended.then((code) => Promise.reject(new ServiceEndedError(code, output()))),
  ]).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { pid: child.pid ?? 0, url, output, ended, end };
}

/** The address that the service prints once it serves. */
async function urlIn({ stdout }: ChildProcess, output: () => string): Promise<string> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const url = /Musubi answers at (http:\S+)/.exec(output())?.[1];
    if (url !== undefined) return url;
    if (stdout === null) throw new Error('no output');
    await once(stdout, 'data', { signal: late });
  }
}
