import { expect } from '@jest/globals';
import { InvalidCursorError } from '@musubi/messaging';
import { pair } from './acts.js';
import { type Cases } from './cases.js';
import { fill } from './paging.cases.js';

/** A cursor is accepted where it was made, for whom it was made, as it was made. */
export const cursorCases: Cases = {
  'refuses a cursor that was changed': async (harness) => {
    const [alice, bob] = await pair(harness);
    await fill(harness, [alice, bob], 5);
    const { next } = await harness.strategy.messages.list(alice, { anchor: { at: 'latest' }, limit: 2 });
    const cursor = `${next?.startsWith('A') === true ? 'B' : 'A'}${next?.slice(1) ?? ''}`;

    for (const bad of [cursor, '', 'nonsense', `${next ?? ''}A`]) {
      const listing = harness.strategy.messages.list(alice, {
        anchor: { at: 'before', cursor: bad },
        limit: 2,
      });
      await expect(listing).rejects.toThrow(InvalidCursorError);
    }
  },

  'refuses a cursor that was made for another agent': async (harness) => {
    const [alice, bob] = await pair(harness);
    await fill(harness, [alice, bob], 5);
    const { next } = await harness.strategy.messages.list(alice, { anchor: { at: 'latest' }, limit: 2 });

    const listing = harness.strategy.messages.list(bob, {
      anchor: { at: 'before', cursor: next ?? '' },
      limit: 2,
    });

    await expect(listing).rejects.toThrow(InvalidCursorError);
  },
};
