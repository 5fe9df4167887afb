import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type FaultRow } from './fault-row.js';
import { FAULT_MATRIX } from './matrix.js';
import { pageOf } from './table.js';

const FAULTS = Array.from({ length: 18 }, (_, index) => `F${index + 1}`);
const PAGE = new URL('../../docs/faults.md', import.meta.url);

/** The pairs of a row and a strategy that nobody has thought of. */
function gapsOf(rows: readonly FaultRow[]): readonly string[] {
  return FAULTS.flatMap((fault) => {
    const cells = rows.find((row) => row.fault === fault)?.cells;
    const isGap = (name: (typeof STRATEGY_NAMES)[number]): boolean => {
      const cell = cells?.[name] ?? '';
      return typeof cell === 'string' ? cell.trim() === '' : Object.keys(cell).length === 0;
    };
    return STRATEGY_NAMES.filter(isGap).map((name) => `${fault} ${name}`);
  });
}

describe('the fault matrix', () => {
  it('has cases or a reason for every fault on every strategy', () => {
    expect(gapsOf(FAULT_MATRIX)).toEqual([]);
  });

  it('has each fault once, and no other', () => {
    expect(FAULT_MATRIX.map(({ fault }) => fault)).toEqual(FAULTS);
  });

  it('would miss a row, a cell without cases, and an empty reason', () => {
    const [first, second, ...rest] = FAULT_MATRIX;
    if (first === undefined || second === undefined) throw new Error('there are no rows');
    const cells = { ...second.cells, 'source-chain': {}, 'global-dht': ' ' };

    const gaps = gapsOf([{ ...second, cells }, ...rest]);

    expect(gaps).toEqual([
      'F1 source-chain',
      'F1 pairwise-dht',
      'F1 global-dht',
      'F2 source-chain',
      'F2 global-dht',
    ]);
  });

  it('is what docs/faults.md shows', async () => {
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, pageOf(FAULT_MATRIX));

    expect(await readFile(PAGE, 'utf8')).toBe(pageOf(FAULT_MATRIX));
  });
});
