import { describe, expect, it } from '@jest/globals';
import { SLICE_BYTES, mapInSlices } from '../src/slices.js';

/** How many turns of the event loop go by until it ends. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  const state = { isOver: false, turns: 0 };
  void work.then(() => {
    state.isOver = true;
  });
  while (!state.isOver) {
    await new Promise(setImmediate);
    state.turns += 1;
  }
  return state.turns;
}

const rows = Array.from({ length: 20 }, (_, index) => index);
const large = (): number => SLICE_BYTES;
const small = (): number => 0;

describe('rows that are mapped in slices', () => {
  it('come out in their order', async () => {
    expect(await mapInSlices(rows, large, (row, index) => [row, index])).toEqual(
      rows.map((row) => [row, row]),
    );
    expect(await mapInSlices([], large, () => 1)).toEqual([]);
  });

  it('let others have the thread after every slice', async () => {
    expect(await turnsOf(mapInSlices(rows, large, () => 1))).toBeGreaterThanOrEqual(rows.length - 1);
  });

  it('take one turn for a slice of many', async () => {
    expect(await turnsOf(mapInSlices(rows, small, () => 1))).toBeLessThanOrEqual(2);
  });

  it('share one slice a turn with all others that are mapped', async () => {
    const order: string[] = [];
    const note = (name: string) => (): void => {
      order.push(name);
    };
    const turns = await turnsOf(
      Promise.all([mapInSlices(rows, large, note('a')), mapInSlices(rows, large, note('b'))]),
    );

    expect(turns).toBeGreaterThanOrEqual(2 * (rows.length - 1));
    expect(order.slice(0, 6)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('stop at one that cannot be mapped', async () => {
    const broken = (row: number): never => {
      throw new Error(`row ${row}`);
    };
    await expect(mapInSlices(rows, large, broken)).rejects.toThrow('row 0');
  });
});
