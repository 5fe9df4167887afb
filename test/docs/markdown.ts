import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** A page, by its path in the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export const ROOT = join(import.meta.dirname, '..', '..');

/** README, CONTRIBUTING and everything under docs. */
export async function pagesOf(root: string): Promise<readonly Page[]> {
  const docs = await readdir(join(root, 'docs'), { recursive: true });
  const names = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => join('docs', name))];
  const paths = names.filter((name) => name.endsWith('.md')).toSorted();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

/** The targets of a page's links and images, but for those in code. */
export function linksOf({ text }: Page): readonly string[] {
  const prose = withoutCode(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, target]) => target ?? []);
}

/** The anchors that GitHub gives to a page's headings. */
export function anchorsOf({ text }: Page): readonly string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** Links within the repository that lead to no file, or to no heading of a page. */
export function brokenLinksOf(pages: readonly Page[], hasFile: (path: string) => boolean): readonly string[] {
  return pages.flatMap((page) => {
    const isBroken = (link: string): boolean => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const path = file === '' ? page.path : relative('/', resolve('/', dirname(page.path), file));
      if (!hasFile(path)) return true;
      const target = pages.find((other) => other.path === path);
      return anchor !== undefined && (target === undefined || !anchorsOf(target).includes(anchor));
    };
    return linksOf(page)
      .filter(isBroken)
      .map((link) => `${page.path}: ${link}`);
  });
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '');
}
