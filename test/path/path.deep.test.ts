import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { filesIn, sectionIn, sectionOf, withSection } from './section.js';
import { traced } from './traced-source.js';

const ROOT = join(import.meta.dirname, '..', '..');
const LOADER = ['--conditions=@musubi/source', '--import', './test/path/traced-loader.js'];

/** In a process of its own, whose sources note that they are entered. */
async function printed(): Promise<string> {
  const child = spawn(process.execPath, [...LOADER, 'test/path/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}

describe('the path of a message', () => {
  it('is what docs/architecture.md shows (`npm run path` writes it anew)', async () => {
    const section = await printed();
    const page = await readFile(join(ROOT, 'docs', 'architecture.md'), 'utf8');

    const files = filesIn(section);
    expect([...files.keys()]).toEqual([...STRATEGY_NAMES]);
    expect(filesIn(sectionIn(page))).toEqual(files);
  });

  it('is shown as files that exist', async () => {
    const page = await readFile(join(ROOT, 'docs', 'architecture.md'), 'utf8');
    const files = [...filesIn(sectionIn(page)).values()].flatMap((found) => [...found]);

    const missing = files.filter((file) => {
      const [, folder = '', name = ''] = /^([^/]+\/[^/]+)\/(.*)$/.exec(file) ?? [];
      return !existsSync(join(ROOT, folder, 'src', `${name}.ts`));
    });
    expect(missing).toEqual([]);
  });
});

describe('a section of paths', () => {
  const section = sectionOf([
    { placement: 'source-chain', files: ['libs/a/src/one.ts', 'libs/a/src/x/two.ts', 'libs/b/src/three.ts'] },
    { placement: 'global-dht', files: ['libs/a/src/one.ts', 'libs/c/src/four.ts'] },
  ]);

  it('has what is common once, and one line for files of one package that follow each other', () => {
    expect(section).toBe(`**Every message: 1 files**

1. \`libs/a\`: \`one\`

**Then source-chain: 2 files, 3 in all**

1. \`libs/a\`: \`x/two\`
2. \`libs/b\`: \`three\`

**Then global-dht: 1 files, 2 in all**

1. \`libs/c\`: \`four\`
`);
  });

  it('is read back as the files of each placement', () => {
    expect(filesIn(section)).toEqual(
      new Map([
        ['source-chain', new Set(['libs/a/one', 'libs/a/x/two', 'libs/b/three'])],
        ['global-dht', new Set(['libs/a/one', 'libs/c/four'])],
      ]),
    );
  });

  it('takes the place of the one before it in a page', () => {
    const page = 'before\n\n<!-- path: begin -->\n\nold\n\n<!-- path: end -->\n\nafter';

    const written = withSection(page, section);

    expect(sectionIn(written)).toBe(section);
    expect(written.startsWith('before')).toBe(true);
    expect(written.endsWith('after')).toBe(true);
  });
});

describe('a traced source', () => {
  it('notes the entry of functions, methods and arrows, nested ones among them', () => {
    const source = 'class A { m() { return [1].map((x) => () => ({ x })); } }';

    expect(traced(source, 'a.ts')).toBe(
      'class A { m() { globalThis.entered?.("a.ts"); return [1].map((x) => (globalThis.entered?.("a.ts"), () => (globalThis.entered?.("a.ts"), ({ x })))); } }',
    );
  });
});
