import { PairTable } from '../pairs/pair-table.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Tally } from './tally.js';

/** An observer that sees nothing and guesses: AUC 0.5 within its interval, or the measurement is broken. */
export function uniformControl(agents: number, random: SeededRandom): PairTable {
  return unordered(agents, () => random.float());
}

/**
 * deg·deg: who acts much is taken to talk with who acts much, and nothing else is known. On a heavy tail this alone
 * scores high (the configuration model's expectation, Chung & Lu 2002), so whatever an observer adds is above this.
 */
export function volumePrior(volumes: Tally): PairTable {
  return unordered(volumes.values.length, (a, b) => volumes.at(a) * volumes.at(b));
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
