import { type Dna, spaceIdOf } from '@musubi/cell';
import { type AgentKeys, keyedHash } from '@musubi/crypto';
import { type AgentPubKey, type SpaceId } from '@musubi/messaging';
import { LRUCache } from 'lru-cache';

export const PAIRWISE_DHT_DNA: Dna = { name: 'musubi/pairwise-dht', version: 1 };

/** The private space of two agents, as one of them sees it. */
export interface Pair {
  readonly holder: AgentPubKey;
  readonly peer: AgentPubKey;
  readonly space: SpaceId;
  /** 32 bytes that seal the entries of this space. */
  readonly entryKey: Uint8Array;
}

/** Of one agent's keys: more than it writes to in a day, and some 300 bytes each. */
const REMEMBERED_PAIRS = 4096;

const known = new WeakMap<AgentKeys, LRUCache<AgentPubKey, Pair>>();

/**
 * Both agents compute the same pair from their shared secret, so that two who open a clone for each other at
 * the same moment open the same one. Nobody else can compute the seed, and so not even the space's id.
 */
export function pairOf(keys: AgentKeys, peer: AgentPubKey): Pair {
  const pairs = known.get(keys) ?? new LRUCache<AgentPubKey, Pair>({ max: REMEMBERED_PAIRS });
  known.set(keys, pairs);
  const pair = pairs.get(peer) ?? computePair(keys, peer);
  pairs.set(peer, pair);
  return pair;
}

function computePair(keys: AgentKeys, peer: AgentPubKey): Pair {
  const secret = keys.pairSecret(peer);
  const networkSeed = keyedHash(secret, 'musubi/clone/network-seed');
  return {
    holder: keys.agent,
    peer,
    space: spaceIdOf(PAIRWISE_DHT_DNA, networkSeed),
    entryKey: keyedHash(secret, 'musubi/clone/entry-key').slice(),
  };
}
