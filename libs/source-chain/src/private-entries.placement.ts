import {
  type ActionDraft,
  type ChainAuthor,
  type Genesis,
  type NodeContext,
  type SourceChains,
} from '@musubi/cell';
import { type AgentKeys, type RandomBytes } from '@musubi/crypto';
import { type Cell, type Placement } from '@musubi/history';
import { type AgentPubKey, type Timestamp, dayOf, startOf } from '@musubi/messaging';
import { type Envelope, encodeEnvelope } from '@musubi/receipts';
import { SOURCE_CHAIN_DNA, SOURCE_CHAIN_SPACE } from './source-chain.dna.js';

/** What private entries look like from outside. */
export interface EntryForm {
  /** Where each envelope's salt comes from. */
  readonly salt: RandomBytes;
  /** The time that public actions show for a precise one. */
  readonly shownTime: (at: Timestamp) => Timestamp;
}

/**
 * Private entries on the agents' own chains. Each chain's envelope has its own salt, so that the public hashes
 * of the two copies have nothing in common; the body stays home, sealed with its holder's key.
 */
export class PrivateEntriesPlacement implements Placement {
  readonly strategy = 'source-chain';
  readonly copiesReceived = true;
  readonly repliesReceipts = true;

  private readonly form: EntryForm;

  constructor(
    private readonly node: NodeContext,
    private readonly chains: SourceChains,
    form: Partial<EntryForm> = {},
  ) {
    this.form = { salt: node.random, shownTime: startOfItsDay, ...form };
  }

  /** One chain for all peers. */
  async cellFor(holder: AgentPubKey): Promise<Cell> {
    const keys = this.node.keyring.keysOf(holder);
    const chain = ownChain(keys);
    await this.chains.start(chain, this.genesis());
    return { keys, chain };
  }

  /** What a chain begins with that is begun now. */
  genesis(): Genesis {
    return { at: this.actionTime(this.node.clock.now()), membraneProof: null };
  }

  draftsOf(letters: readonly Envelope[], { keys }: Cell): readonly ActionDraft[] {
    return letters.map((letter) => {
      const content = encodeEnvelope(letter, this.form.salt);
      const stored = keys.seal(content, 'musubi/private-entry');
      return { type: 'create', entry: { type: 'envelope', visibility: 'private', content, stored } };
    });
  }

  actionTime(at: Timestamp): Timestamp {
    return this.form.shownTime(at);
  }
}

/** The precise times are inside the sealed envelopes: strangers cannot pair the two copies by them. */
function startOfItsDay(at: Timestamp): Timestamp {
  return startOf(dayOf(at));
}

/** The agent's own chain in the space of everybody. */
export function ownChain(keys: AgentKeys): ChainAuthor {
  return {
    dna: SOURCE_CHAIN_DNA,
    space: SOURCE_CHAIN_SPACE,
    agent: keys.agent,
    sign: (bytes) => keys.sign(bytes),
  };
}
