import { type Phase } from './fairness.js';

/** How many times its undisturbed p99 the victim may wait: beside one attacker, and beside several. */
export const BOUNDS = { one: 3, several: 10 } as const;

/** The phases whose p99 is out of bounds, beside the first, which is undisturbed. */
export function failuresOf([alone, ...beside]: readonly Phase[]): readonly string[] {
  if (alone === undefined) return [];
  return beside.flatMap(({ attack, attackers, p99Ms }) => {
    const ratio = p99Ms / alone.p99Ms;
    const bound = attackers === 1 ? BOUNDS.one : BOUNDS.several;
    return ratio <= bound ? [] : [`${attack}, ${attackers}: ${ratio.toFixed(1)} times, at most ${bound}`];
  });
}

export function textOf(phases: readonly Phase[]): string {
  return [...phases.map(lineOf), ...failuresOf(phases).map((failure) => `FAILED: ${failure}`)].join('\n');
}

function lineOf({ attack, attackers, medianMs, p99Ms, answered }: Phase): string {
  const name = `${attack}, ${attackers}`.padEnd(24);
  const times = `median ${medianMs.toFixed(1).padStart(7)} ms  p99 ${p99Ms.toFixed(1).padStart(7)} ms`;
  if (answered === null) return `${name}  ${times}`;
  const { seconds, bytes, statuses } = answered;
  const rates = Object.entries(statuses).map(
    ([status, count]) => `${(count / seconds).toFixed(1)} × ${status}`,
  );
  return `${name}  ${times}  a second: ${(bytes / 1_048_576 / seconds).toFixed(1)} MiB, ${rates.join(', ')}`;
}
