import { afterEach, describe, expect, it } from '@jest/globals';
import { openCorrespondents } from './support/correspondents.js';
import { promiseLeftOpen, sessionsOf } from './support/open-promise.js';

let closing: () => Promise<void>;

afterEach(() => closing());

describe('a countersigning session of a clock that was wrong', () => {
  it.each([1, 24 * 40])('locks no chain for the %d h that a clock was ahead', async (hours) => {
    let wrongMs = hours * 3_600_000;
    const both = await openCorrespondents({ protocol: 'countersigned' }, undefined, () => wrongMs);
    const { strategy, alice, bob } = both;
    closing = () => both.close();
    const draft = await promiseLeftOpen(both);

    wrongMs = 0;
    await strategy.activate(bob);

    for (const agent of [alice, bob]) await strategy.save(both.draft(agent, agent));
    expect([await both.statusOf(alice, draft), await both.statusOf(bob, draft)]).toEqual([
      'nothing',
      'nothing',
    ]);
    expect(await sessionsOf(both)).toBe(0);
  });
});
