import { type AgentPubKey } from '@musubi/messaging';
import { type Hash, hashBytes } from '../chain/hash.js';
import { agentBasis } from './dht-op.js';

/** R: how many agents hold each op. Holochain asks for 5 validation receipts by default. */
const DEFAULT_REDUNDANCY = 5;

const RING = 2 ** 32;

/** A place on the ring of 2³²: the XOR of the hash's eight 32-bit words (as Holochain folds its locations). */
export function locationOf(basis: Hash): number {
  const words = new DataView(hashBytes(basis).buffer);
  let location = 0;
  for (let offset = 0; offset < words.byteLength; offset += 4) location ^= words.getUint32(offset, true);
  return location >>> 0;
}

/** The shorter way around the ring, 0 to 2³¹. */
function ringDistance(a: number, b: number): number {
  const apart = Math.abs(a - b);
  return Math.min(apart, RING - apart);
}

/** The agents of a space that hold what has this basis: the `redundancy` nearest, nearest first. */
export function authoritiesOf(
  basis: Hash,
  agents: readonly AgentPubKey[],
  redundancy = DEFAULT_REDUNDANCY,
): readonly AgentPubKey[] {
  const here = locationOf(basis);
  return agents
    .map((agent) => ({ agent, distance: ringDistance(here, locationOf(agentBasis(agent))) }))
    .sort((a, b) => a.distance - b.distance || (a.agent < b.agent ? -1 : 1))
    .slice(0, redundancy)
    .map(({ agent }) => agent);
}

/**
 * Whether one agent is among the authorities of a basis: what authoritiesOf() says, for many bases of the same agents.
 * Instead of sorting all, it counts who stands nearer, by two binary searches on the ring.
 */
export function holdingOf(
  agent: AgentPubKey,
  agents: readonly AgentPubKey[],
  redundancy = DEFAULT_REDUNDANCY,
): (basis: Hash) => boolean {
  const place = locationOf(agentBasis(agent));
  const others = [...new Set(agents)].filter((other) => other !== agent);
  const all = unrolled(others);
  const winners = unrolled(others.filter((other) => other < agent));
  return (basis) => {
    const here = locationOf(basis);
    const distance = ringDistance(here, place);
    const nearer = Math.max(0, countBelow(all, here + distance) - countBelow(all, here - distance + 1));
    // Half way around, either way leads to the same place.
    const sides =
      distance === 0 || distance === RING / 2 ? [here + distance] : [here - distance, here + distance];
    const ties = sides.map((side) => countBelow(winners, side + 1) - countBelow(winners, side));
    return ties.reduce((sum, tied) => sum + tied, nearer) < redundancy;
  };
}

/** The agents' locations, rising, three times around: what is near is side by side wherever the ring is cut. */
function unrolled(agents: readonly AgentPubKey[]): Float64Array {
  const locations = Float64Array.from(agents, (agent) => locationOf(agentBasis(agent))).sort();
  return Float64Array.from([-RING, 0, RING].flatMap((turn) => [...locations].map((each) => each + turn)));
}

/** How many are less. */
function countBelow(rising: Float64Array, limit: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
