import { describe, expect, it } from '@jest/globals';
import { summaryOf } from '../src/text/summary.js';
import { sampleReport, withoutIntegrity } from './page/sample-report.js';

const report = sampleReport();

describe('the summary on a terminal', () => {
  it('has a line for each variant, its columns below one another', () => {
    const [head = '', ...lines] = summaryOf(report).split('\n');

    expect(lines.slice(0, report.placements.length).map((line) => line.split(/ {2,}/)[0])).toEqual(
      report.placements.map(({ variant }) => variant),
    );
    for (const line of lines.slice(0, report.placements.length))
      expect(line[head.indexOf('rows') - 1]).toBe(' ');
    expect(lines.join('\n')).toMatch(/volume prior AUC 0\.66, uniform 0\.50, leaky 1\.00/);
  });

  it('says in place of figures that integrity failed, and leaves the others where they are', () => {
    const [first, ...others] = report.placements;
    if (first === undefined) throw new Error('the sample is empty');
    const broken = summaryOf({ ...report, placements: [withoutIntegrity(first), ...others] }).split('\n');
    const whole = summaryOf(report).split('\n');

    expect(broken[1]).toContain('integrity failed: lost: message abc of agent 1 to 2');
    expect([broken[0], ...broken.slice(2)]).toEqual([whole[0], ...whole.slice(2)]);
  });

  it('shows no load figure that does not count, and says why', () => {
    const [first, ...others] = report.placements;
    if (first?.load == null) throw new Error('the sample is empty');
    const points = first.load.points.map((point) => ({ ...point, notValid: 'others used 47 %' }));
    const lines = summaryOf({
      ...report,
      placements: [{ ...first, load: { points, scaling: null } }, ...others],
    }).split('\n');

    expect(lines[1]).toMatch(/not valid {2,}not valid/);
    expect(lines).toContain('not valid: source-chain, 32 senders: others used 47 %');
    expect(lines).toContain('CPU time used by others 1\u00a0%, written to disks 1.15 GiB');
  });

  it('says of a partial report that it is one', () => {
    expect(summaryOf({ ...report, isPartial: true })).toContain('this report is partial');
  });
});
