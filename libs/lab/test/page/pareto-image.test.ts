import { describe, expect, test } from '@jest/globals';
import { DOMParser } from '@xmldom/xmldom';
import { paretoImage } from '../../src/page/pareto-image.js';
import { sampleReport } from './sample-report.js';

describe('the image of exposure against throughput', () => {
  const report = sampleReport();
  const problems: string[] = [];
  const onError = (_level: string, problem: string): void => void problems.push(problem);
  const image = new DOMParser({ onError }).parseFromString(paretoImage(report), 'image/svg+xml');

  test('is well-formed, and needs no style sheet of a page', () => {
    const variables = new Set(paretoImage(report).match(/var\(--[\w-]+\)/g));

    expect(problems).toEqual([]);
    for (const variable of variables) expect(paretoImage(report)).toContain(`${variable.slice(4, -1)}: #`);
  });

  test('names each variant that it draws', () => {
    const texts = [...image.getElementsByTagName('text')].map(({ textContent }) => textContent);

    for (const { variant, load, observers } of report.placements) {
      const isDrawn = observers !== null && load?.points.some(({ notValid }) => notValid === null) === true;
      expect([variant, texts.includes(variant)]).toEqual([variant, isDrawn]);
    }
  });
});
