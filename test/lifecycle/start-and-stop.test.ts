import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { slowness } from '../support/slowness.js';
import { type Run, leftovers, runService } from './run.js';

/** `npm run test:lifecycle` makes it 200. */
const STARTS = Number(process.env['MUSUBI_STARTS'] ?? '5');
const SEED = Number(process.env['MUSUBI_STARTS_SEED'] ?? Date.now() % 2 ** 31);
/** What a stop is promised to take at most, in milliseconds. */
const PROMISED_MS = 10_000;
/** Of the starts, one in so many makes a new cluster. */
const FRESH = 4;

const random = new SeededRandom(SEED);
let folder: string;
/** What a start takes here, in milliseconds. */
let startMs: number;
let taken: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musubi-lifecycle-'));
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const begun = performance.now();
  const run = runService({ DATA_DIR: folderOf('kept') });
  await run.serves;
  startMs = performance.now() - begun;
  run.kill('SIGTERM');
  await run.ended;
});

afterAll(async () => {
  taken.close();
  await rm(folder, { recursive: true, force: true });
});

const folderOf = (name: string): string => join(folder, name);

function portTaken(): string {
  const address = taken.address();
  return String(typeof address === 'object' && address !== null ? address.port : 0);
}

interface Case {
  readonly index: number;
  readonly how: 'SIGTERM' | 'SIGINT' | 'port taken';
  /** Of the time that a start takes. */
  readonly moment: number;
  readonly dataDir: string;
}

const HOWS = ['SIGTERM', 'SIGINT', 'SIGTERM', 'SIGINT', 'port taken'] as const;

const CASES: readonly Case[] = Array.from({ length: STARTS }, (_, index) => ({
  index,
  how: HOWS[index % HOWS.length] ?? 'SIGTERM',
  moment: random.float() * 1.3,
  dataDir: index % FRESH === FRESH - 1 ? `fresh-${index}` : 'kept',
}));

/** @returns how it ended, and after how long */
async function endOf(run: Run, { how, moment }: Case): Promise<{ code: number | null; ms: number }> {
  if (how !== 'port taken') await Promise.race([sleep(moment * startMs), run.ended]);
  const begun = performance.now();
  if (how !== 'port taken') run.kill(how);
  const { code, signal } = await run.ended;
  const ms = performance.now() - begun;
  // Before Node has run a line of ours, a signal ends it as it ends any program.
  return { code: signal === how && run.output() === '' ? 0 : code, ms };
}

describe(`a start that ends at any moment (seed ${SEED})`, () => {
  it.each(CASES)('leaves nothing: $index, $how at $moment of a start on $dataDir', async (each) => {
    const dataDir = folderOf(each.dataDir);
    const port = each.how === 'port taken' ? { PORT: portTaken() } : {};
    const run = runService({ DATA_DIR: dataDir, ...port });

    const { code, ms } = await endOf(run, each);

    expect([code, await leftovers(dataDir), run.output()]).toEqual([
      each.how === 'port taken' ? 1 : 0,
      [],
      each.how === 'port taken'
        ? expect.stringMatching(
            /^Musubi cannot listen on port \d+ of 127\.0\.0\.1 \(EADDRINUSE\)\..*PORT.*\n$/,
          )
        : expect.stringMatching(/^(Musubi answers at .*\n)?$/),
    ]);
    expect(ms).toBeLessThan(PROMISED_MS * slowness());
  });

  it('leaves a folder that starts again', async () => {
    const run = runService({ DATA_DIR: folderOf('kept') });
    await run.serves;
    run.kill('SIGTERM');
    expect((await run.ended).code).toBe(0);
  });
});
