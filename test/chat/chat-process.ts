import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { childrenOf } from '../support/processes.js';
import { until } from '../support/until.js';

const ROOT = join(import.meta.dirname, '..', '..');
const LOADER = join(ROOT, 'test', 'support', 'ts-loader.js');
const NODE = [process.execPath, '--conditions=@musubi/source', '--import', LOADER];
const CHAT = [...NODE, join(ROOT, 'apps/chat/src/main.ts')];

/** The chat as a process of its own, as `npm run chat` runs it. */
export interface ChatProcess {
  /** Of the program that makes the terminal, where there is one. */
  readonly pid: number;
  /** Everything it printed. */
  output(): string;
  type(line: string): void;
  /** Waits until it has printed that. */
  shows(text: string | RegExp): Promise<void>;
  /** As Ctrl-D does. */
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export function startChat(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChatProcess {
  return started([...CHAT, ...words], environment);
}

/** The same in a terminal: `script` makes one. Then `after` runs in it. */
export function startChatInTerminal(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  after: string,
): ChatProcess {
  const command = `${[...CHAT, ...words].map((word) => `'${word}'`).join(' ')}; ended=$?; ${after}; exit $ended`;
  const script =
    process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qec', command, '/dev/null'];
  return started(['script', ...script], environment);
}

/** Sends SIGTERM to the chat that runs in a terminal of that program. */
export async function terminateInside(pid: number): Promise<void> {
  let innermost = pid;
  for (let [child] = await childrenOf(pid); child !== undefined; [child] = await childrenOf(child)) {
    innermost = child;
  }
  process.kill(innermost, 'SIGTERM');
}

function started(
  [file = '', ...words]: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChatProcess {
  const child: ChildProcess = spawn(file, words, {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', SHELL: '/bin/sh', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const output = (): string => printed.join('');
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return {
    pid: child.pid ?? 0,
    output,
    ended,
    type: (line) => child.stdin?.write(line),
    shows: (text) =>
      until(() => {
        const isThere = typeof text === 'string' ? output().includes(text) : text.test(output());
        return isThere ? Promise.resolve() : Promise.reject(new Error(`no ${String(text)} in ${output()}`));
      }),
    endInput: () => child.stdin?.end(),
    kill: (signal) => child.kill(signal),
  };
}
