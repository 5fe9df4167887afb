import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const LOADER = ['--conditions=@musubi/source', '--import', join(ROOT, 'test/support/ts-loader.js')];
const LOGS_MUCH = `
  const { createLogger } = await import(${JSON.stringify(join(ROOT, 'apps/api/src/logger.ts'))});
  const logger = createLogger({ logLevel: 'info' });
  for (let line = 0; line < 10_000; line += 1) logger.info({ line }, 'x'.repeat(1000));
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.exit(7);`;

describe('a log on a full volume', () => {
  it('takes nothing from the program that writes it', async () => {
    // Linux: each write there fails with ENOSPC.
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [...LOADER, '--input-type=module', '--eval', LOGS_MUCH], {
      cwd: ROOT,
      stdio: ['ignore', full, 'pipe'],
    });
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));

    const [code] = (await once(child, 'close')) as [number | null];

    expect({ code, complaints }).toEqual({ code: 7, complaints: '' });
  });
});
