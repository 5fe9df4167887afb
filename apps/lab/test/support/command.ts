import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const COMMAND = [
  '--conditions=@musubi/source',
  '--import',
  './test/support/ts-loader.js',
  'apps/lab/src/main.ts',
];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run compare` runs, in a folder of its own that also is its folder for temporary files. */
export class Command {
  private constructor(private readonly folder: string) {}

  static async open(): Promise<Command> {
    const command = new Command(await mkdtemp(join(tmpdir(), 'compare-')));
    await mkdir(command.path('tmp'));
    return command;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** @returns where it is */
  async file(name: string, text: string): Promise<string> {
    await writeFile(this.path(name), text);
    return this.path(name);
  }

  /** What lies beside the files of this test. */
  left(): Promise<string[]> {
    return readdir(this.path('tmp'));
  }

  /** Of the PostgreSQL that runs now. */
  serverPid(): number {
    const files = readdirSync(this.path('tmp'), { recursive: true, encoding: 'utf8' });
    const found = files.find((file) => basename(file) === 'postmaster.pid');
    if (found === undefined) throw new Error('no PostgreSQL runs');
    return Number.parseInt(readFileSync(join(this.path('tmp'), found), 'utf8'), 10);
  }

  async report(out = 'out'): Promise<unknown> {
    return JSON.parse(await readFile(this.path(`${out}/report.json`), 'utf8'));
  }

  /** @param at what it says when `meanwhile` is to be done */
  async run(
    given: readonly string[],
    at?: { readonly says: string; readonly then: Meanwhile },
  ): Promise<Ended> {
    const env = { ...process.env, TMPDIR: this.path('tmp') };
    const child = spawn(process.execPath, [...COMMAND, ...given], { cwd: ROOT, env });
    const said = { stdout: '', stderr: '' };
    let isDue = at !== undefined;
    child.stdout.on('data', (text) => (said.stdout += String(text)));
    child.stderr.on('data', (text) => {
      said.stderr += String(text);
      if (!isDue || at === undefined || !said.stderr.includes(at.says)) return;
      isDue = false;
      at.then(child);
    });
    await once(child, 'close');
    return { code: child.exitCode, ...said };
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export type Meanwhile = (child: ChildProcessWithoutNullStreams) => void;
