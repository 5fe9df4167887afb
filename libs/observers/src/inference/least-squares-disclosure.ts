import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { PairTable } from '../pairs/pair-table.js';
import { type Round, type Share } from './activity.js';

/** So small that it only decides where the rounds do not: who never sent, senders that are never apart. */
const RIDGE = 1e-6;

/**
 * The statistical disclosure attack by least squares (Pérez-González & Troncoso, "Understanding Statistical
 * Disclosure: A Least Squares Approach", PETS 2012): P̂ = Y Xᵀ (X Xᵀ + λI)⁻¹ minimises ‖Y − P X‖² + λ‖P‖², with X the
 * messages each agent sent in each round and Y those each received. All senders at once, so that it tells apart those
 * that the other form confuses because they are active together.
 * @returns sender → recipient: the expected share of its messages; may be negative
 * @throws RangeError when λ = 0 and X Xᵀ is singular
 */
export function leastSquaresDisclosure(agents: number, rounds: readonly Round[], ridge = RIDGE): PairTable {
  const together = new PairTable(agents);
  const arrived = new PairTable(agents);
  for (let agent = 0; agent < agents; agent += 1) together.add(agent, agent, ridge);
  for (const { senders, recipients } of rounds) {
    addProducts(together, senders, senders);
    addProducts(arrived, senders, recipients);
  }
  const decomposed = new CholeskyDecomposition(matrixOf(together));
  if (!decomposed.isPositiveDefinite()) throw new RangeError('the matrix is not positive definite');
  const estimate = new PairTable(agents);
  estimate.values.set(decomposed.solve(matrixOf(arrived)).to1DArray());
  return estimate;
}

function matrixOf({ agents, values }: PairTable): Matrix {
  return Matrix.from1DArray(agents, agents, values);
}

function addProducts(table: PairTable, rows: readonly Share[], columns: readonly Share[]): void {
  for (const [from, sent] of rows) {
    for (const [to, received] of columns) table.add(from, to, sent * received);
  }
}
