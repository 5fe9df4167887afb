import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { fewAtOnce } from '../../src/figures/few-at-once.js';

it('works on so many at once, and answers in order', async () => {
  let [underWay, most] = [0, 0];
  const results = await fewAtOnce([5, 1, 4, 2, 3, 0], 2, async (turns) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let left = turns; left > 0; left -= 1) await turn();
    underWay -= 1;
    return 10 * turns;
  });

  expect(results).toEqual([50, 10, 40, 20, 30, 0]);
  expect(most).toBe(2);
});

it('fails where one of them does', async () => {
  const work = (item: number): Promise<number> =>
    item === 3 ? Promise.reject(new Error('three')) : Promise.resolve(item);

  await expect(fewAtOnce([1, 2, 3, 4], 2, work)).rejects.toThrow('three');
});
