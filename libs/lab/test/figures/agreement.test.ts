import { describe, expect, it } from '@jest/globals';
import { type Agreement, agreementOf } from '../../src/figures/agreement.js';
import { type LoadPoint, type PlacementReport, type Report } from '../../src/report/report.js';
import { agreementText } from '../../src/text/agreement-text.js';
import { sampleReport } from '../page/sample-report.js';

const report = sampleReport();

function withPlacements(change: (placement: PlacementReport) => PlacementReport): Report {
  return { ...report, seconds: 999, placements: report.placements.map(change) };
}

function withPoints(change: (point: LoadPoint) => LoadPoint): Report {
  return withPlacements((placement) => ({
    ...placement,
    load: { scaling: null, ...placement.load, points: placement.load?.points.map(change) ?? [] },
  }));
}

function apart(agreements: readonly Agreement[]): readonly string[] {
  return agreements.filter(({ how }) => how === 'apart').map(({ figure }) => figure);
}

describe('two reports of one comparison', () => {
  it('agree where what follows from the seed is equal, and intervals have a value in common', () => {
    const other = withPoints((point) => ({
      ...point,
      actsPerSecond: 1.15 * point.actsPerSecond,
      actsPerSecondInterval: [1.05 * point.actsPerSecond, 1.3 * point.actsPerSecond],
    }));
    const agreements = agreementOf(report, other);

    expect(apart(agreements)).toEqual([]);
    expect(agreements[0]).toMatchObject({ figure: 'all that follows from the seed', how: 'equal' });
    expect(agreements).toContainEqual(
      expect.objectContaining({ figure: 'source-chain, 8 at once, messages/s', how: 'within' }),
    );
  });

  it('are apart where one of their intervals lies beyond the other', () => {
    const other = withPoints((point) =>
      point.concurrency === 8
        ? { ...point, actsPerSecondInterval: [0.5 * point.actsPerSecond, 0.8 * point.actsPerSecond] }
        : point,
    );

    expect(apart(agreementOf(report, other))).toEqual(
      report.placements.map(({ variant }) => `${variant}, 8 at once, messages/s`),
    );
  });

  it('are not apart by what does not count, and the fit to it does not count either', () => {
    const other = withPoints((point) => ({
      ...point,
      notValid: 'others used 50 % of the CPU time, more than 5 %',
      actsPerSecondInterval: [1, 2],
    }));
    const agreements = agreementOf(report, other);

    expect(apart(agreements)).toEqual([]);
    expect(agreements).toContainEqual({
      figure: 'source-chain, scaling',
      how: 'not valid',
      detail: 'others used 50 % of the CPU time, more than 5 %',
    });
  });

  it('are apart by a share of messages that one gave up and the other did not', () => {
    const other = withPoints((point) => ({ ...point, gaveUp: 40 }));

    expect(apart(agreementOf(report, other))).toContain('pairwise-dht, 1 at once, given up');
  });

  it('are apart by any figure that follows from the seed', () => {
    const other = withPlacements((placement) => ({
      ...placement,
      integrity: { ...placement.integrity, orphan: placement.integrity.orphan + 1 },
    }));

    expect(apart(agreementOf(report, other))[0]).toBe('placements.0.integrity.orphan');
    expect(agreementText(agreementOf(report, other))).toMatch(/equal 0, within \d+, not valid 0, apart 9$/);
  });
});
