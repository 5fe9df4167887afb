import { type Feature } from './features.js';
import { type SparsePairs, partnersOf } from './sinkhorn.js';

const ROUNDS = 6;
/** What pairs less likely than that say of partners makes no difference, and takes half of the time. */
const UNLIKELY = 1e-3;

/**
 * Which groups are partners, by their sizes and by what their features have in common: record linkage (Fellegi & Sunter
 * 1969), in which the weight of a comparison is log(m / u), m being how often it comes out so between partners and u
 * between any two. Nobody says what partners look like: m is learnt by expectation and maximisation (Winkler 1988),
 * beginning with those that sizes alone make partners. Each has one, which is what `partnersOf` sees to.
 * @param pairs groups about as large; features speak of those that are equally large
 * @returns the probability of each pair
 */
export function linked(pairs: SparsePairs, features: readonly Feature[]): Float64Array {
  let probabilities = partnersOf(pairs);
  const compared = features.map((feature) => ({ feature, pairs }));
  if (compared.length === 0) return probabilities;
  const any = pairs.logs.map(() => 1);
  const ofAny = compared.map((each) => sharesOf(each, { weights: any, prior: null }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const logs = Float64Array.from(pairs.logs);
    compared.forEach((each, index) => {
      const prior = ofAny[index] ?? new Float64Array();
      const ofPartners = sharesOf(each, { weights: probabilities, prior });
      addLogs(
        logs,
        each,
        ofPartners.map((share, cell) => Math.log(share / (prior[cell] ?? 1))),
      );
    });
    probabilities = partnersOf({ ...pairs, logs });
  }
  return probabilities;
}

/** A feature, and the pairs of groups whose it is compared of. */
interface Compared {
  readonly feature: Feature;
  readonly pairs: SparsePairs;
}

interface Counting {
  /** How much each pair counts. */
  readonly weights: Float64Array;
  /** What the shares are where nothing was counted; all cells alike when `null`. */
  readonly prior: Float64Array | null;
}

/** How often comparisons fall into each cell. One comparison is added that falls into all cells as the prior says. */
function sharesOf(compared: Compared, { weights, prior }: Counting): Float64Array {
  const { cells } = compared.feature;
  const counts = Float64Array.from({ length: cells }, (_, cell) => prior?.[cell] ?? 1 / cells);
  let all = 1;
  weights.forEach((weight, pair) => {
    if (weight < UNLIKELY) return;
    eachCell(compared, pair, (cell) => {
      counts[cell] = (counts[cell] ?? 0) + weight;
      all += weight;
    });
  });
  return counts.map((count) => count / all);
}

/** @param ofCells what each comparison says, by its cell */
function addLogs(logs: Float64Array, compared: Compared, ofCells: Float64Array): void {
  for (let pair = 0; pair < logs.length; pair += 1) {
    eachCell(compared, pair, (cell) => {
      logs[pair] = (logs[pair] ?? 0) + (ofCells[cell] ?? 0);
    });
  }
}

/** Groups of two sizes are not compared place by place: nobody knows which row has no counterpart. */
function eachCell({ feature, pairs }: Compared, pair: number, tell: (cell: number) => void): void {
  const one = sequenceOf(feature, pairs.first[pair]);
  const other = sequenceOf(feature, pairs.second[pair]);
  if (one.length !== other.length) return;
  one.forEach((value, place) => {
    tell(feature.cellOf(value, other[place] ?? NaN));
  });
}

const NO_ROWS = new Float64Array();

function sequenceOf({ sequences }: Feature, group: number | undefined): Float64Array {
  return sequences[group ?? -1] ?? NO_ROWS;
}
