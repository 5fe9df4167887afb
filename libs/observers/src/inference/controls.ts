import { PairTable } from '../pairs/pair-table.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Tally } from './tally.js';

/** An observer that sees nothing and guesses: AUC 0.5 within its interval, or the measurement is broken. */
export function uniformControl(agents: number, random: SeededRandom): PairTable {
  return unordered(agents, () => random.float());
}

/** Laplace's half: an agent of which nothing was seen may have written all the same, and its pairs do not all tie. */
const UNSEEN = 0.5;

/**
 * (n_a + ½)·(n_b + ½): busy agents are taken to talk with busy agents, and nothing else is known. On a heavy
 * tail this alone scores high (the configuration model's expectation, Chung & Lu 2002), so whatever an observer adds is
 * above this. Without the half (Krichevsky & Trofimov 1981) all pairs of an agent with 0 are level: with it, the
 * contact requests of a real trace gave an AUC of 0.70 instead of 0.56.
 * @returns 0 for all pairs when all volumes are the same
 */
export function volumePrior(volumes: Tally): PairTable {
  const [first = 0] = volumes.values;
  if (volumes.values.every((volume) => volume === first)) return new PairTable(volumes.values.length);
  return unordered(volumes.values.length, (a, b) => (volumes.at(a) + UNSEEN) * (volumes.at(b) + UNSEEN));
}

/** What decides between pairs whose lesser volume is level. */
const TIE_BREAK = 1e-6;

/**
 * min(n_a, n_b) + 10⁻⁶·(n_most − max(n_a, n_b)): two agents have no more messages with each other than either has at all,
 * and who has more beyond that has it with others. Ours. In a small world of 24 agents and 240 messages it gave an AUC of
 * 0.69 where the product of volumes gave 0.65, the mean of five seeds; of contact requests it gave 0.54 instead of 0.62.
 * @returns 0 for all pairs when all volumes are the same
 */
export function lesserVolume(volumes: Tally): PairTable {
  const { values } = volumes;
  const most = values.reduce((highest, volume) => Math.max(highest, volume), -Infinity);
  if (values.every((volume) => volume === most)) return new PairTable(values.length);
  return unordered(values.length, (a, b) => {
    const [ofA, ofB] = [volumes.at(a), volumes.at(b)];
    return Math.min(ofA, ofB) + TIE_BREAK * (most - Math.max(ofA, ofB));
  });
}

/**
 * A placement that names both agents on each message, of which the observer sees every one with this
 * probability: it must score ≥ 0.99 when it sees most, or the measurement is broken.
 */
export function leakyControl(truth: PairTable, seen: number, random: SeededRandom): PairTable {
  const table = new PairTable(truth.agents);
  truth.values.forEach((messages, pair) => {
    for (let message = 0; message < messages; message += 1) {
      if (random.float() < seen) table.values[pair] = (table.values[pair] ?? 0) + 1;
    }
  });
  return table;
}

function unordered(agents: number, score: (a: number, b: number) => number): PairTable {
  const table = new PairTable(agents);
  for (let a = 0; a < agents; a += 1) {
    for (let b = a + 1; b < agents; b += 1) {
      const value = score(a, b);
      table.add(a, b, value);
      table.add(b, a, value);
    }
  }
  return table;
}
