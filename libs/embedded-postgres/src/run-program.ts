import { spawn } from 'node:child_process';
import { type Account } from './launcher.js';

interface Program {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly account: Account | undefined;
  /** Of a lock that the program and what it starts hold as well. */
  readonly lockFd: number | undefined;
}

/** Of what a program says on stderr, so many bytes are kept. */
const KEPT_BYTES = 4096;
/** How long it may clear up after itself before it is killed. */
const TERMINATE_MS = 1000;

/**
 * Runs a program to its end, in a session of its own: Ctrl-C in a terminal does not reach it, and what it has started
 * ends with it when `signal` is aborted or this process leaves.
 *
 * @throws Error with what it said, when it fails
 * @throws what `signal` was aborted with, once the program is gone
 */
export async function runProgram(
  { words, lockFd, account, ...options }: Program,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const [file = '', ...rest] = words;
  const stdio = ['ignore', 'ignore', 'pipe', ...(lockFd === undefined ? [] : [lockFd])] as const;
  const child = spawn(file, rest, { ...options, stdio: [...stdio], detached: true, ...account });
  let overdue: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child.pid, 'SIGTERM');
    overdue = setTimeout(() => {
      signalGroup(child.pid, 'SIGKILL');
    }, TERMINATE_MS);
  };
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT_BYTES)));
  signal.addEventListener('abort', end);
  process.once('exit', end);
  try {
    const how = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => {
        resolve(killedBy ?? code);
      });
    });
    signal.throwIfAborted();
    if (how !== 0) throw new Error(said.trim() === '' ? `${file} ended with ${String(how)}` : said.trim());
  } finally {
    clearTimeout(overdue);
    signal.removeEventListener('abort', end);
    process.off('exit', end);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
