import { p50 } from '../figures.js';
import { type FileReport } from './file-memory.js';

const MB = 1_000_000;
/** By how much a transfer may raise the memory of a warm service, in the median. */
export const MOST_RAISED_MB = 8;

const KINDS = ['up', 'down'] as const;

export function failuresOf(report: FileReport): readonly string[] {
  return KINDS.flatMap((kind) => {
    const raised = p50(report[kind].raisedBytes) / MB;
    return raised < MOST_RAISED_MB ? [] : [`${kind}: ${raised.toFixed(1)} MB, less than ${MOST_RAISED_MB}`];
  });
}

/** For people. */
export function textOf(report: FileReport): string {
  const { settings, startedBytes, warmBytes } = report;
  const { bytes, rounds, warmUps } = settings;
  const failures = failuresOf(report).map((failure) => `FAILED: ${failure}`);
  return [
    `a file of ${bytes} bytes, ${rounds} times up and down after ${warmUps} to warm up, one at a time`,
    `  RSS when idle   ${shown(startedBytes)} MB once started, ${shown(warmBytes)} MB when warm (median)`,
    ...KINDS.map((kind) => {
      const { ms, raisedBytes } = report[kind];
      const [least, most] = [Math.min(...raisedBytes), Math.max(...raisedBytes)].map(shown);
      const range = `from ${least} to ${most}`;
      return `  ${kind.padEnd(4)}            raises it by ${shown(p50(raisedBytes))} MB in the median, ${range}; ${p50(ms).toFixed(0)} ms`;
    }),
    ...(failures.length === 0 ? [`Less than ${MOST_RAISED_MB} MB each, as it must be.`] : failures),
  ].join('\n');
}

const shown = (bytes: number): string => (bytes / MB).toFixed(1);
