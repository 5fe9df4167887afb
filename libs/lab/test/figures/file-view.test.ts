import { expect, it } from '@jest/globals';
import { sizesIn } from '../../src/figures/files/file-view.js';

const look = (
  numbers: Readonly<Record<string, readonly number[]>>,
): Parameters<typeof sizesIn>[0][number] => ({
  numbers: new Map(Object.entries(numbers)),
});

it('takes numbers for sizes that fall when a file is smaller, and not those that only rise', () => {
  const news = [
    look({ 'file.bytes': [20_000, 20_000], 'mark.transaction': [21_000] }),
    look({ 'file.bytes': [700_000], 'mark.transaction': [21_500, 21_502] }),
    look({}),
    look({ 'file.bytes': [140_000], 'mark.transaction': [21_900] }),
  ];

  expect(sizesIn(news)).toEqual([[20_000, 20_000], [700_000], [], [140_000]]);
});
