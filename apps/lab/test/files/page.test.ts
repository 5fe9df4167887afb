import { describe, expect, it } from '@jest/globals';
import { UsageError } from '@musubi/lab';
import { sampleReport } from '../../../../libs/lab/test/page/sample-report.js';
import { filesPage } from '../../src/files/page.js';

const report = sampleReport();

describe('the page of files', () => {
  it('has the figures of each placement with files, and how they were measured', () => {
    const page = filesPage(report, 'abc1234');

    expect(page).toContain('Measured of abc1234, seed 7, 24 agents, 1200 messages, R = 5.');
    expect(page).toContain('10 messages carry 9 different files, 1,000,000 bytes together');
    expect(page).toContain('| `source-chain` | 2.02 | 1.01 | 204800 | 7.33 | 3.67 |');
    expect(page).toContain('| wiretap | 1.01 | 10 | 8 | 0, 0, 0 | 0.97 file-parts-name-both |');
    expect(page).toContain('| operator | 2.02 | 6 of 9 | 0 of 3 | 2.00 | 0 | 0 | 0, 0, 0 |');
    expect(page).toContain('| third chunk not sent | 1 | 3 | 2 | 3 of 4 | 0 |');
    expect(page.match(/^## What parties learn on `.*`$/gm)).toHaveLength(3);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it('says of parts that were not asked for that they were not measured', () => {
    const placements = report.placements.map((placement) =>
      placement.files === undefined
        ? placement
        : {
            ...placement,
            files: { ...placement.files, cost: null, parties: null, oneByOne: null, faults: null },
          },
    );

    expect(filesPage({ ...report, placements }, 'abc1234').match(/Not measured\./g)).toHaveLength(9);
  });

  it('is not made of a report without files', () => {
    const placements = report.placements.map(({ files: _, ...placement }) => placement);

    expect(() => filesPage({ ...report, placements }, 'abc1234')).toThrow(UsageError);
  });
});
