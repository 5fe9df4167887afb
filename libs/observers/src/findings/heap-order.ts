import { Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';

interface HeapSoFar {
  readonly volumes: Tally;
  rows: number;
  last: number;
  /** Whose row has no partner yet, if the one before has none. */
  open: number | null;
}

/**
 * Who lies next to whom: a table that only grows is filled from its beginning to its end, so that neighbours were
 * written one after the other, whatever has become of their transactions' numbers. A dump keeps that order, and gives
 * all rows one transaction when it is restored. Linear in rows; rows of nobody are passed over.
 */
export class HeapSense {
  private readonly neighbours: PairTable;
  private readonly twos: PairTable;
  private readonly heaps = new Map<string, HeapSoFar>();

  constructor(private readonly agents: number) {
    this.neighbours = new PairTable(agents);
    this.twos = new PairTable(agents);
  }

  /** Rows of one table come in the order in which they lie. */
  take(table: string, agent: number | null): void {
    if (agent === null) return;
    const heap = this.heaps.get(table) ?? {
      volumes: new Tally(this.agents),
      rows: 0,
      last: agent,
      open: null,
    };
    this.heaps.set(table, heap);
    this.takeInTwos(heap, agent);
    if (heap.last !== agent) {
      this.neighbours.add(heap.last, agent, 1);
      this.neighbours.add(agent, heap.last, 1);
    }
    heap.volumes.add(agent, 1);
    heap.rows += 1;
    heap.last = agent;
  }

  /**
   * z = (obs − exp) / √(exp + ½), as of acting soon after: obs, how often rows of the two are neighbours; exp, how
   * often they would be in any other order of each table, 2·n_a·n_b / N.
   * @returns symmetric; 0 for all pairs when nobody's row lies beside another's
   */
  findings(): PairTable {
    const scores = new PairTable(this.agents);
    if (this.neighbours.values.every((count) => count === 0)) return scores;
    const expected = this.expected();
    scores.values.set(
      this.neighbours.values.map((observed, pair) => {
        const mean = expected.values[pair] ?? 0;
        return (observed - mean) / Math.sqrt(mean + 0.5);
      }),
    );
    for (let agent = 0; agent < this.agents; agent += 1) scores.add(agent, agent, -scores.at(agent, agent));
    return scores;
  }

  /**
   * How often rows of two agents are one of the twos that a table is cut into: each row with the one behind it, unless
   * both are of one agent or the first is in a two already. A message puts its author's row and then its recipient's, so
   * that the cut finds both, and what lies between two messages makes no pair. Ours; linear in rows.
   * @returns symmetric
   */
  inTwos(): PairTable {
    return this.twos;
  }

  private takeInTwos(heap: HeapSoFar, agent: number): void {
    const { open } = heap;
    if (open === null || open === agent) {
      heap.open = agent;
      return;
    }
    this.twos.add(open, agent, 1);
    this.twos.add(agent, open, 1);
    heap.open = null;
  }

  private expected(): PairTable {
    const expected = new PairTable(this.agents);
    for (const { volumes, rows } of this.heaps.values()) {
      for (let a = 0; a < this.agents; a += 1) {
        if (volumes.at(a) === 0) continue;
        for (let b = 0; b < this.agents; b += 1) {
          expected.add(a, b, (2 * volumes.at(a) * volumes.at(b)) / rows);
        }
      }
    }
    return expected;
  }
}
