import { hash } from '@musubi/crypto';
import { type SpaceId, parseSpaceId } from '@musubi/messaging';
import { toBase64Url, encodeCanonical } from '@musubi/crypto';
import { type Hash, hashFrom } from './chain/hash.js';

/** The rules of a space by name: what in Holochain is the DNA's integrity code. */
export interface Dna {
  readonly name: string;
  readonly version: number;
}

export function dnaHash(dna: Dna): Hash {
  return hashFrom(hash('musubi/dna', encodeCanonical({ name: dna.name, version: dna.version })));
}

/**
 * A space is a DNA and a network seed. A public seed gives a space that anybody can join; a secret one gives a
 * space whose very id is unknown to outsiders.
 */
export function spaceIdOf(dna: Dna, networkSeed: Uint8Array): SpaceId {
  return spaceIdFrom(dnaHash(dna), networkSeed);
}

/** The same, by the hash that a chain's first action shows. */
export function spaceIdFrom(dna: Hash, networkSeed: Uint8Array): SpaceId {
  return parseSpaceId(toBase64Url(hash('musubi/space', encodeCanonical({ dna }), networkSeed)));
}
