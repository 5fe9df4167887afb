import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { arrowsOf, importsUnder, modulesUnder } from './layers.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'architecture.md');
const PACKAGES = /(?<=```mermaid\nflowchart TD\n)[^`]*(?=```)/;
const MODULES = /(?<=```mermaid\nflowchart LR\n)[^`]*(?=```)/;

/** With UPDATE_DOCS=1 the page has the arrows before it is read. */
async function drawn(diagram: RegExp, arrows: string): Promise<string | undefined> {
  const page = await readFile(PAGE, 'utf8');
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page.replace(diagram, arrows));
  return diagram.exec(await readFile(PAGE, 'utf8'))?.[0];
}

// `npm run layers` writes them anew.
describe('the diagrams of the architecture', () => {
  it('show what the packages import', async () => {
    const arrows = `${arrowsOf(await importsUnder(ROOT)).join('\n')}\n`;

    expect(await drawn(PACKAGES, arrows)).toBe(arrows);
  });

  it('show what the modules of the service import', async () => {
    const modules = await modulesUnder(join(ROOT, 'apps/api/src'));
    const arrows = `${arrowsOf(modules).join('\n')}\n`;

    expect(modules.size).toBeGreaterThan(15);
    expect(await drawn(MODULES, arrows)).toBe(arrows);
  });
});

describe('arrows', () => {
  it('leave out what another import implies', () => {
    const imports = new Map([
      ['a', new Set(['b', 'c'])],
      ['b', new Set(['c'])],
      ['c', new Set<string>()],
    ]);

    expect(arrowsOf(imports)).toEqual(['  a --> b', '  b --> c']);
  });
});
