/** A number for every ordered pair of agents 0 … n − 1, in one typed array: n = 1,000 takes 8 MB. */
export class PairTable {
  readonly values: Float64Array;

  constructor(readonly agents: number) {
    this.values = new Float64Array(agents * agents);
  }

  at(from: number, to: number): number {
    return this.values[from * this.agents + to] ?? 0;
  }

  add(from: number, to: number, by: number): void {
    const index = from * this.agents + to;
    this.values[index] = (this.values[index] ?? 0) + by;
  }

  /** The mean of both directions: an unordered pair's number. */
  between(a: number, b: number): number {
    return (this.at(a, b) + this.at(b, a)) / 2;
  }

  /** The same pairs without direction. */
  symmetrised(): PairTable {
    const both = new PairTable(this.agents);
    for (let a = 0; a < this.agents; a += 1) {
      for (let b = 0; b < this.agents; b += 1) both.add(a, b, this.between(a, b));
    }
    return both;
  }

  /** One agent's numbers towards all others, itself left out: n − 1 of them. */
  othersOf(agent: number): Float64Array {
    const row = this.values.subarray(agent * this.agents, (agent + 1) * this.agents);
    return row.filter((_, other) => other !== agent);
  }
}

/** Who exchanged how many messages with whom: the true graph, from what was really sent. */
export function messagesBetween(
  agents: number,
  messages: Iterable<{ readonly from: number; readonly to: number }>,
): PairTable {
  const table = new PairTable(agents);
  for (const { from, to } of messages) table.add(from, to, 1);
  return table;
}
