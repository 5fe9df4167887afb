import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { environmentFrom, startComparison } from '../../src/service/comparison-process.js';
import { comparisonOrderSchema } from '../../src/service/order.js';

const LOADER = fileURLToPath(new URL('../../../../test/support/ts-loader.js', import.meta.url));

let folder: string;
const given = process.env['NODE_OPTIONS'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comparison-'));
  // Jest compiles by itself what it loads; a process that it starts needs the loader.
  process.env['NODE_OPTIONS'] = `--import ${LOADER}`;
});
afterEach(async () => {
  if (given === undefined) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = given;
  await rm(folder, { recursive: true, force: true });
});

describe('the process of a comparison', () => {
  it('is stopped at its limit, and has failed', async () => {
    const order = comparisonOrderSchema.parse({ messages: 400 });
    const running = await startComparison({ order, folder, limitMs: 300, onProgress: () => undefined });

    expect(await running.ended).toEqual({
      kind: 'failed',
      failure: { code: 'time-limit', message: 'It took longer than 0.3 s.' },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails with a reason when the place of its database has gone', async () => {
    const order = comparisonOrderSchema.parse({});
    const running = await startComparison({ order, folder, limitMs: 600_000, onProgress: () => undefined });
    await rm(folder, { recursive: true });

    expect(await running.ended).toMatchObject({ kind: 'failed', failure: { code: 'internal' } });
  });

  it('learns nothing secret', () => {
    const environment = { PATH: '/bin', NODE_SECRET: 's', DATABASE_URL: 'p', REDIS_URL: 'r', TMPDIR: '/tmp' };

    expect(environmentFrom(environment)).toEqual({ PATH: '/bin', TMPDIR: '/tmp' });
  });
});
