import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const HERE = new URL('.', import.meta.url);
const LOADER = fileURLToPath(new URL('../../../../test/support/ts-loader.js', HERE));

export interface ChildOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Words before those of Node: a program that runs it. */
  readonly through?: readonly string[];
}

export interface Child {
  readonly pid: number;
  /** The next line it wrote, parsed; fails with what it said on stderr when it has ended. */
  next<T>(): Promise<T>;
  /** Signals the child; with `group`, all of its process group, as a terminal does. */
  signal(signal: NodeJS.Signals, target?: 'group'): void;
  /** Its exit code, or null when a signal ended it. */
  readonly exit: Promise<number | null>;
}

/** Runs a TypeScript program of this folder in a Node of its own; it speaks in lines of JSON. */
export function startChild(
  script: string,
  args: readonly string[],
  { through = [], ...options }: ChildOptions = {},
): Child {
  const node = [process.execPath, '--conditions=@musubi/source', '--import', LOADER];
  const [file = '', ...words] = [...through, ...node, fileURLToPath(new URL(script, HERE)), ...args];
  const child = spawn(file, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
    ...options,
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    next: lineReader(child),
    signal: (signal, target) => process.kill(target === 'group' ? -pid : pid, signal),
    exit: once(child, 'exit').then(([code]) => code as number | null),
  };
}

function lineReader(child: ChildProcessByStdio<null, Readable, Readable>): <T>() => Promise<T> {
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async <T>() => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`The child ended. ${complaints}`);
    return JSON.parse(line.value) as T;
  };
}
