import {
  type ActionDraft,
  type ChainAuthor,
  type Dna,
  type Genesis,
  type Visibility,
  spaceIdOf,
} from '@musubi/cell';
import { AgentKeys, hash } from '@musubi/crypto';
import { type Timestamp, parseTimestamp } from '@musubi/messaging';

const DNA: Dna = { name: 'test', version: 1 };

export const NOON: Timestamp = parseTimestamp(1_763_900_000_000_000);
export const GENESIS: Genesis = { at: NOON, membraneProof: null };
export const SPACE = spaceIdOf(DNA, new Uint8Array(32));

export function keysOf(name: string): AgentKeys {
  return AgentKeys.fromSeed(hash('test/agent', new TextEncoder().encode(name)));
}

/** An agent's own cell in the test space. */
export function authorOf(keys: AgentKeys): ChainAuthor {
  return { dna: DNA, space: SPACE, agent: keys.agent, sign: (bytes) => keys.sign(bytes) };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export function createDraft(text: string, visibility: Visibility = 'public'): ActionDraft {
  return {
    type: 'create',
    entry: { type: 'note', visibility, content: bytesOf(text), stored: bytesOf(text) },
  };
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
