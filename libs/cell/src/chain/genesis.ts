import { type Rows } from '@musubi/database';
import { type Timestamp } from '@musubi/messaging';
import { dnaHash } from '../space.js';
import { type SignedAction, signAction } from './action.js';
import { type ChainAuthor } from './chain-author.js';
import { startingRows } from './chain.store.js';

/** Dna, AgentValidationPkg, InitZomesComplete. */
export const GENESIS_ACTIONS = 3;

export interface Genesis {
  readonly at: Timestamp;
  /** Why the agent may be in the space; `null` where anybody may. */
  readonly membraneProof: Uint8Array | null;
}

/** Genesis as rows, for an author whose key is made in the same transaction. */
export function genesisRows(author: ChainAuthor, genesis: Genesis): readonly Rows[] {
  return startingRows(genesisActions(author, genesis));
}

/** The three actions that every chain begins with, signed. */
export function genesisActions(author: ChainAuthor, { at, membraneProof }: Genesis): SignedAction[] {
  const contents = [
    { type: 'dna', dna: dnaHash(author.dna) },
    { type: 'agent-validation-pkg', membraneProof },
    { type: 'init-zomes-complete' },
  ] as const;
  const signed: SignedAction[] = [];
  for (const [seq, content] of contents.entries()) {
    const place = { space: author.space, author: author.agent, seq, prev: signed.at(-1)?.hash ?? null, at };
    signed.push(signAction({ ...place, content }, (bytes) => author.sign(bytes)));
  }
  return signed;
}
