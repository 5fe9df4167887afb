import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { noCommitHooks } from '@musubi/cell';
import { AgentKeys } from '@musubi/crypto';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { type Log, SystemClock } from '@musubi/messaging';
import { ConfigError } from '../src/config/config.js';
import { serviceDatabase } from '../src/node/database.js';
import { WriteMarks } from '../src/node/write-marks.js';

const { agent } = AgentKeys.fromSeed(new Uint8Array(32).fill(7));

let database: TestDatabase;
let dataDir: string;
let logged: string[];

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  dataDir = await mkdtemp(join(tmpdir(), 'musubi-marks-'));
});

beforeEach(async () => {
  logged = [];
  await database.dataSource.query('truncate write_mark');
  await rm(join(dataDir, 'marks'), { recursive: true, force: true });
});

afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function open(): Promise<WriteMarks> {
  const log: Log = { warn: (event) => void logged.push(event) };
  const parts = { database: database.dataSource, dataDir, acceptRestored: undefined };
  const marks = await WriteMarks.open({ ...parts, clock: new SystemClock(() => Date.now()), log });
  if (marks === null) throw new Error('marks are kept');
  return marks;
}

/** An agent's commit, marked at once or with those before it. */
const commit = (marks: WriteMarks): Promise<unknown> =>
  marks.around(noCommitHooks).run({ step: 'save', agent }, () => Promise.resolve());

async function stored(): Promise<number> {
  const [row] = await database.dataSource.query<{ mark: string }[]>('select mark from write_mark');
  return Number(row?.mark);
}

async function filed(): Promise<{ readonly path: string; readonly content: string }> {
  const names = await readdir(join(dataDir, 'marks'));
  expect(names).toHaveLength(1);
  const path = join(dataDir, 'marks', names[0] ?? '');
  return { path, content: await readFile(path, 'utf8') };
}

it('raises both marks, and leaves one file', async () => {
  const marks = await open();
  const before = await stored();
  await commit(marks);
  await marks.stop();
  expect(await stored()).toBeGreaterThan(before);
  expect((await filed()).content).toBe(`${await stored()}\n`);
});

it('opens for processes that start at once on a new database', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => open()));
  await Promise.all(all.map((marks) => marks.stop()));
  await filed();
});

it('removes what killed processes have begun, and nothing that is just being written', async () => {
  await (await open()).stop();
  const { path } = await filed();
  const [abandoned, begun] = [`${path}.a.new`, `${path}.b.new`];
  for (const name of [abandoned, begun]) await writeFile(name, '1');
  await utimes(abandoned, 0, 0);

  await (await open()).stop();

  expect((await readdir(join(dataDir, 'marks'))).map((name) => join(dataDir, 'marks', name)).sort()).toEqual([
    path,
    begun,
  ]);
});

it.each([1, 5])('marks no further on a database that fell back by %i', async (steps) => {
  await (await open()).stop();
  await database.dataSource.query('update write_mark set mark = 100');
  const marks = await open();
  await database.dataSource.query('update write_mark set mark = mark - $1::bigint', [steps]);
  const [{ content }, behind] = [await filed(), await stored()];

  await commit(marks);
  await marks.stop();
  expect((await marks.fallenBack).message).toMatch(/older/);
  expect([(await filed()).content, await stored()]).toEqual([content, behind]);
  expect(logged).toEqual(['database-older-than-before']);
  await expect(open()).rejects.toThrow(ConfigError);
});

it.each(['', 'x\n', '12 13\n', '-1\n'])('does not open with %j in the file', async (content) => {
  await (await open()).stop();
  await writeFile((await filed()).path, content);
  await expect(open()).rejects.toThrow(ConfigError);
});
