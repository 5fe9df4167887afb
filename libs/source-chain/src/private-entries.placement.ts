import { type ActionDraft, type NodeContext, type SourceChains } from '@musubi/cell';
import { type RandomBytes } from '@musubi/crypto';
import { type Cell, type Placement } from '@musubi/history';
import { type AgentPubKey, type Timestamp } from '@musubi/messaging';
import { type Letter, encodeEnvelope } from '@musubi/receipts';
import { SOURCE_CHAIN_DNA, SOURCE_CHAIN_SPACE } from './source-chain.dna.js';

export interface PrivateEntries {
  readonly chains: SourceChains;
  /** Where each envelope's salt comes from. */
  readonly salt: RandomBytes;
}

/**
 * Private entries on the agents' own chains. Each chain's envelope has its own salt, so that the public hashes
 * of the two copies have nothing in common; the body stays home, sealed with its holder's key.
 */
export class PrivateEntriesPlacement implements Placement {
  readonly strategy = 'source-chain';
  readonly copiesReceived = true;
  readonly repliesReceipts = true;

  constructor(
    private readonly node: NodeContext,
    private readonly entries: PrivateEntries,
  ) {}

  /** One chain for all peers. */
  async cellFor(holder: AgentPubKey): Promise<Cell> {
    const keys = this.node.keyring.keysOf(holder);
    const chain = {
      dna: SOURCE_CHAIN_DNA,
      space: SOURCE_CHAIN_SPACE,
      agent: holder,
      sign: (bytes: Uint8Array) => keys.sign(bytes),
    };
    await this.entries.chains.start(chain, { at: this.node.clock.now(), membraneProof: null });
    return { keys, chain };
  }

  draftsOf(letters: readonly Letter[], { keys }: Cell): readonly ActionDraft[] {
    return letters.map((letter) => {
      const content = encodeEnvelope(letter, this.entries.salt);
      const stored = keys.seal(content, 'musubi/private-entry');
      return { type: 'create', entry: { type: 'envelope', visibility: 'private', content, stored } };
    });
  }

  actionTime(at: Timestamp): Timestamp {
    return at;
  }
}
