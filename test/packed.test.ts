import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);

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
