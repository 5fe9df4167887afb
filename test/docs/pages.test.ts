import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Page, ROOT, anchorsOf, brokenLinksOf, linksOf, pagesOf } from './markdown.js';

const MAX_README_LINES = 150;

let pages: readonly Page[];

beforeAll(async () => {
  pages = await pagesOf(ROOT);
});

const page = (path: string): Page => {
  const found = pages.find((one) => one.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
};

describe('the pages', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(50);
    expect(brokenLinksOf(pages, (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('are all linked from the README, but for single decisions', () => {
    const linked = new Set(linksOf(page('README.md')));
    const others = pages
      .map(({ path }) => path)
      .filter((path) => !/^(README\.md|docs\/(adr\/\d|results\/).*)$/.test(path));

    expect(others.filter((path) => !linked.has(path))).toEqual([]);
  });

  it(`begin with a README of at most ${MAX_README_LINES} lines`, () => {
    expect(page('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES);
  });
});

it('lists each decision with its title, its status and a date', () => {
  const decisions = pages.filter(({ path }) => /^docs\/adr\/\d{4}-/.test(path));
  const rows = page('docs/adr/README.md')
    .text.split('\n')
    .filter((line) => line.startsWith('| ['));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));

  expect(cells.map(([, number, title, status]) => [number, title, status])).toEqual(
    decisions.map(({ path, text }) => {
      const [, number, title] = /^# (\d{4})\. (.*)$/m.exec(text) ?? [];
      const [, status] = /^Status: (.*)$/m.exec(text) ?? [];
      return [`[${number ?? ''}](${path.replace('docs/adr/', '')})`, title, status];
    }),
  );
  expect(cells.map(([, , , , date = '']) => date).filter((date) => !/^\d{4}-\d\d-\d\d$/.test(date))).toEqual(
    [],
  );
});

describe('the check of links', () => {
  const text = [
    '# One & two: `code`',
    '[a](b.md) ![c](../d.png) [e](#one--two-code) [f](#nowhere) [g](https://example.org/h) `[i](j.md)`',
    '```md\n[k](l.md)\n# m\n```',
    '[n](b.md#o) [p](gone.md)',
  ].join('\n');
  const one = { path: 'docs/one.md', text };
  const other = { path: 'docs/b.md', text: '# Q' };

  it('reads links and headings, but not in code', () => {
    expect(linksOf(one)).toEqual([
      'b.md',
      '../d.png',
      '#one--two-code',
      '#nowhere',
      'https://example.org/h',
      'b.md#o',
      'gone.md',
    ]);
    expect(anchorsOf(one)).toEqual(['one--two-code']);
  });

  it('finds missing files and missing headings', () => {
    const files = new Set(['docs/one.md', 'docs/b.md', 'd.png']);

    expect(brokenLinksOf([one, other], (path) => files.has(path))).toEqual([
      'docs/one.md: #nowhere',
      'docs/one.md: b.md#o',
      'docs/one.md: gone.md',
    ]);
  });
});
