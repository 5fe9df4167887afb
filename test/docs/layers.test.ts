import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { arrowsOf, importsUnder } from './layers.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'architecture.md');
const DIAGRAM = /(?<=```mermaid\nflowchart TD\n)[^`]*(?=```)/;

describe('the diagram of the layers', () => {
  it('shows what the packages import (`npm run layers` writes it anew)', async () => {
    const arrows = `${arrowsOf(await importsUnder(ROOT)).join('\n')}\n`;
    const page = await readFile(PAGE, 'utf8');
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page.replace(DIAGRAM, arrows));

    expect(DIAGRAM.exec(await readFile(PAGE, 'utf8'))?.[0]).toBe(arrows);
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
