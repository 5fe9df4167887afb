import { type SeededRandom } from '@musubi/observers';
import { type Send, type Workload, type WorkloadSize, workloadOf } from './workload.js';

const DAY = 86_400_000_000;
/** Neighbours on either side of the ring, before rewiring. */
const REACH = 2;
/** How many edges of the ring lead anywhere instead. */
const REWIRED = 0.2;
/** The mean number of messages in one conversation, and the mean time between them. */
const TURNS = 4;
const REPLY_TIME = 60_000_000;

/**
 * A ring of neighbours with some edges rewired (Watts & Strogatz 1998), on which edge number r is as busy as 1/r
 * (Zipf): most messages are of few pairs, as in real traces. Messages come in conversations, turn by turn, that
 * begin at any time of one day.
 */
export function smallWorld({ agents, messages }: WorkloadSize, random: SeededRandom): Workload {
  const edges = shuffled(ringOf(agents, random), random);
  const shares = cumulative(edges.map((_, rank) => 1 / (rank + 1)));
  const sends: Send[] = [];
  while (sends.length < messages) {
    const [a, b] = edges[placeOf(shares, random.float())] ?? [0, 1];
    sends.push(...conversation([a, b], messages - sends.length, random));
  }
  return workloadOf('small-world', agents, sends);
}

type Pair = readonly [number, number];

function ringOf(agents: number, random: SeededRandom): Pair[] {
  const pairs = new Map<string, Pair>();
  const add = (a: number, b: number): void => {
    if (a !== b) pairs.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b]);
  };
  for (let agent = 0; agent < agents; agent += 1) {
    for (let step = 1; step <= REACH; step += 1) {
      const isRewired = random.float() < REWIRED;
      add(agent, isRewired ? random.below(agents) : (agent + step) % agents);
    }
  }
  return [...pairs.values()];
}

function conversation([a, b]: Pair, atMost: number, random: SeededRandom): Send[] {
  const sends: Send[] = [];
  let [from, to] = random.below(2) === 0 ? [a, b] : [b, a];
  let at = random.float() * DAY;
  do {
    sends.push({ kind: 'send', at: Math.round(at), from, to });
    at += exponential(REPLY_TIME, random);
    [from, to] = [to, from];
  } while (sends.length < atMost && random.float() < 1 - 1 / TURNS);
  return sends;
}

function exponential(mean: number, random: SeededRandom): number {
  return -mean * Math.log(1 - random.float());
}

/** Fisher–Yates. */
function shuffled<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const rest = [...items];
  const drawn: Item[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(random.below(rest.length), 1));
  return drawn;
}

function cumulative(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => (sum += weight / total));
}

function placeOf(shares: readonly number[], at: number): number {
  const place = shares.findIndex((share) => at < share);
  return place === -1 ? shares.length - 1 : place;
}
