import { toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { SeededRandom, ShareHolder } from '@musubi/observers';
import { type Simulation } from '../simulation/simulation.js';

export const STRANGERS = 'stranger-with-share';

/** Odd, so that one is in the middle; and few enough for each to be more than what an interval of 95 % leaves out. */
const MANY = 15;
const KEY_BYTES = 32;

export interface Sharing {
  /** R: how many authorities hold each operation. */
  readonly redundancy: number;
  /** Strangers’ keys are drawn from it. */
  readonly seed: number;
}

/**
 * The shares of several strangers, each in the place of the one that is there. What a stranger holds depends on where its
 * key lies among the others', so that one alone would be a figure of its key.
 */
export function sharesOf(
  { node, stranger }: Pick<Simulation, 'node' | 'stranger'>,
  { redundancy, seed }: Sharing,
): readonly ShareHolder[] {
  const members = node.agents.slice(0, stranger);
  return keysOf(seed).map(
    (agent) => new ShareHolder(node.db, { agent, agents: [...members, agent], redundancy }),
  );
}

/** Keys that nobody signs with: a share asks of a key only where it lies. */
function keysOf(seed: number): readonly AgentPubKey[] {
  const random = new SeededRandom(seed);
  const key = (): Uint8Array => Uint8Array.from({ length: KEY_BYTES }, () => random.below(256));
  return Array.from({ length: MANY }, () => parseAgentPubKey(toBase64Url(key())));
}
