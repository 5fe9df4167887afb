import { PairTable } from '../pairs/pair-table.js';
import { volumePrior } from './controls.js';
import { type Tally } from './tally.js';

/** What an attack makes of every pair, or why it was not tried. */
export type Attempt = { readonly scores: PairTable } | { readonly notAttempted: string };

const TIE_BREAK = 1e-6;

/** The same scores, level ones apart by volumes: by 10⁻⁶ at most. */
export function brokenByVolumes(scores: PairTable, volumes: Tally): PairTable {
  const prior = volumePrior(volumes);
  const most = prior.values.reduce((highest, value) => Math.max(highest, value), 0);
  if (most === 0) return scores;
  const broken = new PairTable(scores.agents);
  broken.values.set(
    scores.values.map((score, pair) => score + (TIE_BREAK * (prior.values[pair] ?? 0)) / most),
  );
  return broken;
}
