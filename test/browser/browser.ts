import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Nothing that calls home, waits for a user, or needs what containers lack. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--no-first-run',
];

export interface Browser {
  /** Rejects, with what it printed, when it ends by itself. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Opens a page in a Chromium of its own, with an empty profile. */
export async function openInBrowser(url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'musubi-browser-'));
  const child = spawn(process.env['CHROMIUM'] ?? 'chromium', [...FLAGS, `--user-data-dir=${profile}`, url], {
    // Its helpers are processes of its group.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error(`the browser ended: ${output}`);
  });
  failed.catch(() => undefined);
  return {
    failed,
    close: async () => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (child.pid !== undefined && !isOver) process.kill(-child.pid, 'SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
