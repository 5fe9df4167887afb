import { describe, expect, test } from '@jest/globals';
import { sampleReport, withoutIntegrity } from '../page/sample-report.js';
import { schemaErrors } from './schema-errors.js';

describe('the schema of reports', () => {
  const report = sampleReport();

  test('takes a whole report', () => {
    expect(schemaErrors(report)).toEqual([]);
  });

  test('takes a partial one with gaps', () => {
    const placements = report.placements.map(withoutIntegrity);
    expect(schemaErrors({ ...report, isPartial: true, placements })).toEqual([]);
  });

  test.each([
    ['another version', { schema: 'musubi/report/1' }, '/schema const'],
    ['a field that nobody documented', { extra: 1 }, ' additionalProperties'],
    ['a field that is missing', { truth: undefined }, ' required'],
    ['a local time', { startedAt: '2026-01-02 03:04' }, '/startedAt pattern'],
    [
      'an AUC that is none',
      { controls: { ...report.controls, uniform: { auc: 2 } } },
      '/controls/uniform/auc maximum',
    ],
    ['an edge without its weight', { truth: { agents: 2, edges: [[0, 1]] } }, '/truth/edges/0 minItems'],
  ])('refuses %s', (_, change, error) => {
    expect(schemaErrors({ ...report, ...change })).toContain(error);
  });
});
