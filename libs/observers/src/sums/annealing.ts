import { PairTable } from '../pairs/pair-table.js';
import { type SeededRandom } from '../seeded-random.js';
import { type Stubs } from './stubs.js';

interface Schedule {
  /** How often it begins anew. */
  readonly runs: number;
  /** Moves for each end, of one run: so many while it cools, and a fourth as many of which each is looked at. */
  readonly sweeps: number;
}

/** In rows: where a run ends, an assignment that is one row off is e^−2 as likely as one that fits. */
const COLDEST = 0.5;
/** A conversation with oneself, or a second one with the same agent, is as bad as so many rows. */
const IMPOSSIBLE = 8;

/**
 * How often two agents are the ends of one conversation, over assignments in which each agent's conversations add up to
 * its rows: simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983) by Metropolis's rule, and a sample of what it comes to.
 */
export function sampledPairs(stubs: Stubs, { runs, sweeps }: Schedule, random: SeededRandom): PairTable {
  const pairs = new PairTable(stubs.agents);
  const hottest = Math.max(COLDEST, mean(stubs.weights) * stubs.looks);
  for (let run = 0; run < runs; run += 1) {
    const assignment = new Assignment(stubs, random);
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      assignment.sweep(hottest * (COLDEST / hottest) ** (sweep / sweeps));
    }
    for (let sweep = 0; sweep < sweeps / 4; sweep += 1) {
      assignment.sweep(COLDEST);
      assignment.note(pairs);
    }
  }
  return pairs;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Which agent is at which end. */
class Assignment {
  private readonly agentAt: Uint32Array;
  /** Rows that each agent has beyond those that its conversations add up to: `looks` numbers each. */
  private readonly left: Float64Array;
  /** How many conversations two agents have. */
  private readonly between: Uint16Array;
  private readonly isDegreeKnown: boolean;

  constructor(
    private readonly stubs: Stubs,
    private readonly random: SeededRandom,
  ) {
    const { agents, count, ends, totals } = stubs;
    this.isDegreeKnown = ends !== null;
    this.agentAt =
      ends === null ? Uint32Array.from({ length: count }, () => random.below(agents)) : ends.slice();
    for (let end = count - 1; end > 0; end -= 1) this.exchange(end, random.below(end + 1));
    this.left = totals.slice();
    this.between = new Uint16Array(agents * agents);
    for (let end = 0; end < count; end += 1) this.weigh(end, this.at(end), -1);
    for (let end = 0; end < count; end += 2) this.join(end, 1);
  }

  /** As many moves as there are ends. */
  sweep(temperature: number): void {
    const { count, agents } = this.stubs;
    for (let move = 0; move < count; move += 1) {
      const end = this.random.below(count);
      if (!this.isDegreeKnown && this.random.below(2) === 0) {
        this.tryMove(end, this.random.below(agents), temperature);
      } else this.trySwap(end, this.random.below(count), temperature);
    }
  }

  note(pairs: PairTable): void {
    for (let end = 0; end < this.stubs.count; end += 2) {
      const [a, b] = [this.at(end), this.at(end + 1)];
      if (a === b) continue;
      pairs.add(a, b, 1);
      pairs.add(b, a, 1);
    }
  }

  private at(end: number): number {
    return this.agentAt[end] ?? 0;
  }

  private exchange(one: number, other: number): void {
    const agent = this.at(one);
    this.agentAt[one] = this.at(other);
    this.agentAt[other] = agent;
  }

  private tryMove(end: number, agent: number, temperature: number): void {
    const known = this.at(end);
    if (known === agent) return;
    const before = this.misfit(known) + this.misfit(agent);
    const impossible = this.put(end, agent);
    const by = this.misfit(known) + this.misfit(agent) - before + impossible;
    if (!this.isTaken(by, temperature)) this.put(end, known);
  }

  private trySwap(one: number, other: number, temperature: number): void {
    const [a, b] = [this.at(one), this.at(other)];
    if (a === b) return;
    const before = this.misfit(a) + this.misfit(b);
    const impossible = this.put(one, b) + this.put(other, a);
    const by = this.misfit(a) + this.misfit(b) - before + impossible;
    if (this.isTaken(by, temperature)) return;
    this.put(other, b);
    this.put(one, a);
  }

  private isTaken(by: number, temperature: number): boolean {
    return by <= 0 || this.random.float() < Math.exp(-by / temperature);
  }

  /** @returns by how much it became more impossible */
  private put(end: number, agent: number): number {
    const before = this.join(end, -1);
    this.weigh(end, this.at(end), 1);
    this.agentAt[end] = agent;
    this.weigh(end, agent, -1);
    return this.join(end, 1) - before;
  }

  private weigh(end: number, agent: number, sign: number): void {
    const { looks, weights } = this.stubs;
    for (let look = 0; look < looks; look += 1) {
      const place = agent * looks + look;
      this.left[place] = (this.left[place] ?? 0) + sign * (weights[end * looks + look] ?? 0);
    }
  }

  /** Counts the conversation in, or out. @returns how impossible it is beside the others */
  private join(end: number, by: 1 | -1): number {
    const [a, b] = [this.at(end), this.at(end ^ 1)];
    if (a === b) return IMPOSSIBLE;
    if (!this.isDegreeKnown) return 0;
    const place = Math.min(a, b) * this.stubs.agents + Math.max(a, b);
    const others = (this.between[place] ?? 0) - Number(by < 0);
    this.between[place] = others + Number(by > 0);
    return others > 0 ? IMPOSSIBLE : 0;
  }

  /** How far an agent's conversations are from adding up to its rows. */
  private misfit(agent: number): number {
    const { looks } = this.stubs;
    let sum = 0;
    for (let place = agent * looks; place < (agent + 1) * looks; place += 1)
      sum += Math.abs(this.left[place] ?? 0);
    return sum;
  }
}
