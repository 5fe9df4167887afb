import { type PairTable } from '../pairs/pair-table.js';

/** Ranks from 1; equal values share the mean of their ranks. */
export function averageRanks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (const place of order.subarray(from, to)) ranks[place] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Pearson's correlation of the average ranks (Spearman 1904, with ties); `null` where one side does not vary. */
export function spearman(xs: Float64Array, ys: Float64Array): number | null {
  if (xs.length !== ys.length) throw new RangeError('correlation needs as many values on either side');
  const [x, y] = [averageRanks(xs), averageRanks(ys)];
  const mean = (xs.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((rank, index) => {
    const [dx, dy] = [rank - mean, (y[index] ?? 0) - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Does the observer know who talks much? Spearman of each agent's summed scores above 0 and its number of messages. */
export function degreeCorrelation(scores: PairTable, truth: PairTable): number | null {
  return spearman(strengths(scores), strengths(truth));
}

function strengths(table: PairTable): Float64Array {
  const both = table.symmetrised();
  return Float64Array.from({ length: table.agents }, (_, agent) =>
    both.othersOf(agent).reduce((sum, value) => sum + Math.max(0, value), 0),
  );
}

/** Does it know which conversations are busy? Spearman of score and messages over the true pairs. */
export function weightCorrelation(scores: PairTable, truth: PairTable): number | null {
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let a = 0; a < truth.agents; a += 1) {
    for (let b = a + 1; b < truth.agents; b += 1) {
      const messages = truth.between(a, b);
      if (messages === 0) continue;
      xs.push(scores.between(a, b));
      ys.push(messages);
    }
  }
  return spearman(Float64Array.from(xs), Float64Array.from(ys));
}
