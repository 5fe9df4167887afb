import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { openTestDatabase } from '@musubi/database/testing';
import { serviceDatabase } from '../apps/api/src/node/database.js';
import {
  FROM_SOURCES,
  startServiceProcess,
  wordsOfService,
} from '../apps/api/test/support/service-process.js';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);
const NODE_SECRET = 'A'.repeat(43);

/** In a Node of its own, since Jest here takes the packed file for each of the names. */
const COMPARE = `
  import { PACKED, packedFileOf } from './test/support/packed.js';
  const shapeOf = async (name) => Object.entries(await import(name)).map(([key, value]) => key + ' ' + typeof value);
  const shapes = await Promise.all(PACKED.map(async (name) => [name, await shapeOf(name), await shapeOf(packedFileOf(name))]));
  console.log(JSON.stringify(shapes));`;

type Shapes = readonly (readonly [name: string, own: readonly string[], packed: readonly string[]])[];

async function shapes(): Promise<Shapes> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', COMPARE], { cwd: ROOT });
  return JSON.parse(stdout) as Shapes;
}

async function sources(): Promise<string> {
  const folders = await Promise.all(
    ['libs', 'apps', 'test'].map(async (folder) => {
      const files = await readdir(join(ROOT, folder), { recursive: true });
      return files
        .filter((file) => /^(?!.*(node_modules|dist)\/).*\.ts$/.test(file))
        .map((file) => join(ROOT, folder, file));
    }),
  );
  return (await Promise.all(folders.flat().map((file) => readFile(file, 'utf8')))).join('\n');
}

it('packs large packages so that each exports what it does by itself', async () => {
  for (const [name, own, packed] of await shapes())
    expect([name, packed.toSorted()]).toEqual([
      name,
      own.filter((key) => !key.startsWith('module.exports ')).toSorted(),
    ]);
});

it('packs none that no source imports', async () => {
  const text = await sources();
  expect((await shapes()).map(([name]) => name).filter((name) => !text.includes(`'${name}'`))).toEqual([]);
});

/** What a service says of its API, which its modules, controllers and schemas make up. */
async function documentOf(url: string, words: readonly string[]): Promise<unknown> {
  const service = await startServiceProcess({ PORT: '0', DATABASE_URL: url, NODE_SECRET }, [], words);
  const answer = await fetch(`${service.url}/openapi.json`);
  const document: unknown = await answer.json();
  expect(await service.end('SIGTERM')).toBe(0);
  return document;
}

it('packs the service so that it serves what it serves from its sources', async () => {
  expect(wordsOfService()).not.toEqual(FROM_SOURCES);
  const database = await openTestDatabase(serviceDatabase);

  const [packed, fromSources] = [
    await documentOf(database.url, wordsOfService()),
    await documentOf(database.url, FROM_SOURCES),
  ];

  await database.close();
  expect(packed).toEqual(fromSources);
});
