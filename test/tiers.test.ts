import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Budget } from './deep/budget.js';
import { PARTS, partsNamed } from './deep/parts.js';

const ROOT = join(import.meta.dirname, '..');
const CONFIGURATIONS = [
  'jest.config.js',
  'jest.deep.config.js',
  'jest.redis.config.js',
  'jest.compose.config.js',
  'jest.network.config.js',
  'jest.browser.config.js',
];
const run = promisify(execFile);

async function filesOf(configuration: string): Promise<readonly string[]> {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  // A configuration may ask for a Redis or a browser, which no list needs.
  const env = { ...process.env, REDIS_URL: 'redis://127.0.0.1', CHROMIUM: process.execPath };
  const words = ['--experimental-vm-modules', jest, '--config', configuration, '--listTests'];
  const { stdout } = await run(process.execPath, words, { cwd: ROOT, env });
  return stdout.split('\n').flatMap((line) => (line.endsWith('.ts') ? [relative(ROOT, line)] : []));
}

/** Whatever is named like a test, wherever it lies and whatever its language. */
async function filesNamedLikeTests(): Promise<readonly string[]> {
  const folders = ['libs', 'apps', 'test', 'docs', '.ci'];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const files = await readdir(join(ROOT, folder), { recursive: true });
      return files.map((file) => join(folder, file));
    }),
  );
  return found
    .flat()
    .filter(
      (file) => /[.-](test|spec)\.[cm]?[jt]sx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file),
    );
}

let tiers: readonly (readonly string[])[];
beforeAll(async () => {
  tiers = await Promise.all(CONFIGURATIONS.map(filesOf));
});

describe('the tiers of tests', () => {
  it('hold each test file once', async () => {
    expect(tiers.flat().toSorted()).toEqual((await filesNamedLikeTests()).toSorted());
    expect(tiers.map(({ length }) => length > 0)).toEqual(CONFIGURATIONS.map(() => true));
  });

  it('show in the name of a file: deep, redis, compose, network and browser do, and no other word for a tier', () => {
    const endings = tiers.map(
      (files) =>
        new Set(files.map((file) => /\.(deep|redis|compose|network|browser)\.test\.ts$/.exec(file)?.[1])),
    );
    expect(endings).toEqual([
      new Set([undefined]),
      new Set(['deep']),
      new Set(['redis']),
      new Set(['compose']),
      new Set(['network']),
      new Set(['browser']),
    ]);
  });

  it('have each deep file in one part of test:deep', () => {
    const patterns = PARTS.filter(({ arguments: words }) => words.includes('jest.deep.config.js')).map(
      ({ arguments: words }) => new RegExp(`(^|/)${words.at(-1) ?? ''}`),
    );
    const counts = (tiers[1] ?? []).map((file) => [
      file,
      patterns.filter((pattern) => pattern.test(file)).length,
    ]);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });
});

describe('the parts of test:deep', () => {
  it('are run in their order, and all of them where none is named', () => {
    expect(partsNamed([])).toEqual(PARTS);
    expect(partsNamed(['model', 'lab']).map(({ name }) => name)).toEqual(['lab', 'model']);
    expect(() => partsNamed(['labs'])).toThrow('There is no part labs. The parts are service, ');
  });

  it('run one file of theirs as they run it among the others', () => {
    const [crashes, defects] = ['test/crash/node-killed.test.ts', 'test/model/planted-defects.deep.test.ts'];

    const parts = partsNamed([crashes, defects]);

    expect(parts.map(({ name, arguments: words }) => [name, words.at(-1)])).toEqual([
      ['defects', defects],
      ['crashes', crashes],
    ]);
    expect(parts.map(({ environment }) => environment)).toEqual([undefined, { MUSUBI_CRASHES: '20' }]);
    expect(() => partsNamed(['test/crash/none.test.ts'])).toThrow(
      'There is no part test/crash/none.test.ts.',
    );
  });

  it('are left out where they do not fit, as measured by those before them', () => {
    const part = (minutes: number): (typeof PARTS)[number] => ({ name: 'x', minutes, arguments: [] });
    const budget = new Budget(10 * 60_000, 2);
    expect([budget.fits(part(5)), budget.fits(part(6))]).toEqual([true, false]);

    budget.note(part(1), 4 * 60_000);

    expect([budget.fits(part(1.5)), budget.fits(part(2))]).toEqual([true, false]);
  });
});
