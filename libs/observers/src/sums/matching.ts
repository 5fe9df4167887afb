import { type SeededRandom } from '../seeded-random.js';

const { ceil, floor } = Math;

/** How many messages each two agents of one interval have, each agent's adding up to its rows. */
export class Matching {
  private readonly size: number;
  /** By place: a pair has one, and so has an agent with itself. */
  private readonly counts: Uint32Array;
  /** The places of the pairs that have messages, in no order. */
  private readonly talking: number[] = [];
  /** Where a place stands among those. */
  private readonly spots: Int32Array;

  /**
   * Some messages that fit: ends half of all apart, so that an agent is its own peer only where it has more rows than all
   * others, in which case somebody's rows are missing.
   * @param rows of each agent, an even number altogether
   */
  constructor(
    private readonly agents: readonly number[],
    rows: readonly number[],
    random: SeededRandom,
  ) {
    this.size = agents.length;
    this.counts = new Uint32Array(this.size ** 2);
    this.spots = new Int32Array(this.size ** 2);
    const order = shuffled([...agents.keys()], random);
    const ends = order.flatMap((agent) => Array.from({ length: rows[agent] ?? 0 }, () => agent));
    const half = ceil(ends.length / 2);
    for (let end = 0; end + half < ends.length; end += 1) {
      this.add(this.placeOf(ends[end] ?? 0, ends[end + half] ?? 0), 1);
    }
  }

  /** How many pairs have messages. */
  get pairs(): number {
    return this.talking.length;
  }

  /** The place of one of the pairs that have messages. */
  pairAt(spot: number): number {
    return this.talking[spot] ?? 0;
  }

  /** The place of a pair, by the places of its agents. */
  placeOf(row: number, column: number): number {
    return row < column ? row * this.size + column : column * this.size + row;
  }

  rowOf(place: number): number {
    return floor(place / this.size);
  }

  columnOf(place: number): number {
    return place % this.size;
  }

  agentAt(place: number): number {
    return this.agents[place] ?? 0;
  }

  countAt(place: number): number {
    return this.counts[place] ?? 0;
  }

  add(place: number, by: number): void {
    const before = this.countAt(place);
    this.counts[place] = before + by;
    if (before === 0) this.spots[place] = this.talking.push(place) - 1;
    else if (before + by === 0) this.leave(place);
  }

  private leave(place: number): void {
    const last = this.talking.pop() ?? place;
    if (last === place) return;
    const spot = this.spots[place] ?? 0;
    this.talking[spot] = last;
    this.spots[last] = spot;
  }
}

/** Fisher–Yates. */
function shuffled(agents: number[], random: SeededRandom): readonly number[] {
  for (let last = agents.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [agents[last], agents[other]] = [agents[other] ?? 0, agents[last] ?? 0];
  }
  return agents;
}
