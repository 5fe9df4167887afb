import { type AgentPubKey, type SpaceId } from '@musubi/messaging';
import { type Dna } from '../space.js';

/** Who writes a chain, and in which space: a cell that can sign. */
export interface ChainAuthor {
  readonly dna: Dna;
  readonly space: SpaceId;
  /** The agent, or the pseudonym under which it writes here. */
  readonly agent: AgentPubKey;
  /** Ed25519 by `agent`: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}
