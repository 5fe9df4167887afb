import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pageOf } from '../../../test/tutorial/page.js';
import { type Section, run, sectionsOf, withStableNames } from '../../../test/tutorial/walk.js';
import { type TestService, openService } from './support/open-service.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PAGE = join(ROOT, 'docs', 'tutorial.md');

const textOf = (...path: readonly string[]): Promise<string> => readFile(join(ROOT, ...path), 'utf8');

describe('the documentation, run against a service', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await openService();
  });

  afterAll(() => service.close());

  const walk = async (sections: readonly Section[]): Promise<string> =>
    pageOf(await run(sections, `${service.url}/v1`));

  it('prints what the tutorial shows', async () => {
    const page = await walk(sectionsOf(await textOf('docs', 'walk.sh')));
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page);

    expect(await readFile(PAGE, 'utf8')).toBe(page);
  });

  it('prints what the example of the README shows', async () => {
    const readme = await textOf('README.md');
    const [, commands = '', printed] =
      /## Example\n[^`]*```sh\n([^]*?)```\n+```text\n([^]*?)```/.exec(readme) ?? [];

    const [shown] = await run([{ text: '', commands }], `${service.url}/v1`);

    expect(shown?.printed).toBe(printed);
  });
});

describe('a script', () => {
  it('has a section for each text, with the commands that follow it', () => {
    const script =
      '#!/bin/sh\n# for the script alone\n\n#: ## One\n#: text\n\necho a\n# a comment\n\n#: Two\nb() {\n\n}\n';

    expect(sectionsOf(script)).toEqual([
      { text: '## One\ntext', commands: 'echo a\n# a comment' },
      { text: 'Two', commands: 'b() {\n\n}' },
    ]);
  });

  it('fails at its first failure, and says what it printed until then', async () => {
    const sections = sectionsOf('#: One\necho before\nfalse\necho after\n');

    await expect(run(sections, '')).rejects.toThrow(/ended with 1[^]*before\n$/);
  });
});

it('numbers ids in the order in which they appear, and hides times', () => {
  const [one, other] = ['k'.repeat(43), `${'k'.repeat(42)}-`];

  expect(withStableNames(`{"a":"${one}"} ${other} ${one} 2026-11-23T15:26:57.482000Z`)).toBe(
    '{"a":"<1>"} <2> <1> <time>',
  );
});
