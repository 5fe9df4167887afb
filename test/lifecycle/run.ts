import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { isDataDirectoryInUse } from '@musubi/embedded-postgres';
import { wordsOfService } from '../../apps/api/test/support/service-process.js';
import { processesNaming } from '../support/processes.js';

/** A service of which only the end matters. */
export interface Run {
  readonly pid: number;
  readonly output: () => string;
  /** Resolves when it has printed its address. */
  readonly serves: Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export function runService(environment: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, wordsOfService(), {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_OPTIONS: '',
      PORT: '0',
      // A start that is cut off from its database may warn of what it was at.
      LOG_LEVEL: 'error',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const serves = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes('Musubi answers at')) resolve();
      });
    }
  });
  const ended = new Promise<Awaited<Run['ended']>>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { pid: child.pid ?? 0, output: () => printed, serves, ended, kill: (signal) => child.kill(signal) };
}

/** Whatever a service has left of what it started: processes, PostgreSQL's lock file, the lock of the folder. */
export async function leftovers(dataDir: string): Promise<readonly string[]> {
  const files = await readdir(dataDir, { recursive: true }).catch((): string[] => []);
  return [
    ...(await processesNaming(dataDir)).map(({ commandLine }) => commandLine),
    ...files.filter((file) => file.endsWith('postmaster.pid')),
    ...((await isDataDirectoryInUse(dataDir)) ? ['the lock of the data folder'] : []),
  ];
}
