import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';

/** Text, and the commands that follow it. */
export interface Section {
  readonly text: string;
  readonly commands: string;
}

/** A section and what its commands printed. */
export interface Shown extends Section {
  readonly printed: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const MARK = '== the next section ==';

/** Lines that begin with `#:` are text, all others are commands. Lines before the first text are for the script alone. */
export function sectionsOf(script: string): readonly Section[] {
  const parts = script.matchAll(/((?:^#:.*\n)+)((?:^(?!#:).*\n?)*)/gm);
  return [...parts].map(([, text = '', commands = '']) => ({
    text: text.replaceAll(/^#: ?/gm, '').trim(),
    commands: commands.trim(),
  }));
}

/**
 * Runs all sections in one shell, in the root of the repository. It ends at the first failure.
 * @throws Error with what was printed until then
 */
export async function run(sections: readonly Section[], api: string): Promise<readonly Shown[]> {
  const script = sections.map(({ commands }) => `${commands}\necho '${MARK}'`).join('\n');
  const shell = spawn('sh', ['-eu'], {
    cwd: ROOT,
    env: { ...process.env, API: api },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => shell.once('close', resolve));
  shell.stdin.end(script);
  const printed = await textOf(shell.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`The walk ended with ${String(code)}. It printed:\n${printed}`);
  const parts = withStableNames(printed).split(`${MARK}\n`);
  return sections.map((section, index) => ({ ...section, printed: parts[index] ?? '' }));
}

/** Ids, keys and signatures become numbers in the order in which they appear, and times become `<time>`. */
export function withStableNames(printed: string): string {
  const numbers = new Map<string, number>();
  const numberOf = (value: string): number => {
    const number = numbers.get(value) ?? numbers.size + 1;
    numbers.set(value, number);
    return number;
  };
  return printed
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g, '<time>')
    .replaceAll(/(?<![\w-])(?:[\w-]{86}|[\w-]{43}|[\w-]{22})(?![\w-])/g, (value) => `<${numberOf(value)}>`);
}
