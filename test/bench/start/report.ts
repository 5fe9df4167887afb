import { type StartReport } from './start-times.js';

/** How much longer the agent with much may wait than the one with little. */
export const START_RATIO = 3;

export function failuresOf({ ratio }: StartReport): readonly string[] {
  return ratio <= START_RATIO ? [] : [`ratio ${ratio.toFixed(2)} > ${START_RATIO}`];
}

export function textOf(report: StartReport): string {
  const { firstMs, ms, settings } = report;
  const lines = settings.sizes.map(({ contacts, messages }, index) => {
    const times = [ms[index], firstMs[index]].map((time) => (time ?? NaN).toFixed(1));
    return `${contacts} contacts, ${messages} messages: ${times[0]} ms, the first time ${times[1]} ms`;
  });
  return [...lines, `ratio: ${report.ratio.toFixed(2)} (at most ${START_RATIO})`].join('\n');
}
