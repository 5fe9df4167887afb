import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..', '..', '..');
const NAME = '@musubi/client';

const run = promisify(execFile);

/** A project that has nothing but the client, installed as a user would. */
export interface Project {
  readonly folder: string;
  /** Runs a program in it, and answers with what it printed. @throws Error with its output when it fails */
  run(file: string, ...words: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Packs the client and what it needs, from the tree, and installs that in an empty project without a network. */
export async function installedClient(): Promise<Project> {
  const parent = await mkdtemp(join(tmpdir(), 'musubi-client-package-'));
  const folder = join(parent, 'project');
  const inFolder =
    (cwd: string) =>
    async (file: string, ...words: readonly string[]): Promise<string> => {
      const env = { PATH: process.env['PATH'] ?? '', HOME: parent };
      const { stdout } = await run(file, words, { cwd, env, maxBuffer: 2 ** 24 });
      return stdout;
    };
  const needs = (await dependenciesOf(NAME)).map((name) => `./node_modules/${name}`);
  const pack = ['pack', '--offline', '--pack-destination', parent];
  await inFolder(ROOT)('npm', ...pack, '-w', NAME);
  await inFolder(ROOT)('npm', ...pack, '--ignore-scripts', ...needs);
  const tarballs = (await readdir(parent)).filter((file) => file.endsWith('.tgz'));
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await inFolder(folder)(
    'npm',
    ...['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    ...tarballs.map((file) => `../${file}`),
  );
  return { folder, run: inFolder(folder), remove: () => rm(parent, { recursive: true, force: true }) };
}

/** The names of all packages that it needs, through others as well. */
async function dependenciesOf(name: string): Promise<readonly string[]> {
  const manifest = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
  const names = Object.keys(dependencies);
  const further = await Promise.all(names.map(dependenciesOf));
  return [...new Set([...names, ...further.flat()])];
}
