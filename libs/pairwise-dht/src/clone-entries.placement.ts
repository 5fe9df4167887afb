import { type ActionDraft, type NodeContext, type SourceChains } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, open, pad, seal, unpad } from '@musubi/crypto';
import { type Cell, type Placement } from '@musubi/history';
import { type AgentPubKey, InvalidMessageError, type Timestamp } from '@musubi/messaging';
import { type Envelope, decodeEnvelope, encodeEnvelope } from '@musubi/receipts';
import { type Clone } from './clone.js';
import { type CloneStore } from './clone.store.js';
import { signMembraneProof } from './membrane-proof.js';
import { PAIRWISE_DHT_DNA, type Pair, pairOf } from './pair.js';

/** Public entries in the private space of a pair, sealed at rest with the pair's key. */
export class CloneEntriesPlacement implements Placement {
  readonly strategy = 'pairwise-dht';
  /** A copied record is in the recipient's share of the clone already. */
  readonly copiesReceived = false;
  readonly repliesReceipts = true;

  constructor(
    private readonly node: NodeContext,
    private readonly chains: SourceChains,
    private readonly clones: CloneStore,
  ) {}

  /**
   * Opens the clone if there is none: who writes first is its opener.
   * @throws CloneLimitReachedError, CloneDisabledError
   */
  async cellFor(holder: AgentPubKey, peer: AgentPubKey): Promise<Cell> {
    const keys = this.node.keyring.keysOf(holder);
    const pair = pairOf(keys, peer);
    const clone = (await this.clones.find(keys, pair)) ?? (await this.openClone(keys, pair));
    return this.startCell(keys, pair, clone);
  }

  /** The cell of a clone, its three genesis actions written, the membrane proof among them. */
  async startCell(keys: AgentKeys, pair: Pair, { proof }: Clone): Promise<Cell> {
    const chain = {
      dna: PAIRWISE_DHT_DNA,
      space: pair.space,
      agent: keys.agent,
      sign: (bytes: Uint8Array) => keys.sign(bytes),
    };
    await this.chains.start(chain, { at: this.node.clock.now(), membraneProof: proof });
    return { keys, chain };
  }

  draftsOf(letters: readonly Envelope[], { keys }: Cell, peer: AgentPubKey): readonly ActionDraft[] {
    const pair = pairOf(keys, peer);
    return letters.map((letter) => {
      const content = sealForPair(pair, encodeEnvelope(letter, this.node.random));
      return { type: 'create', entry: { type: 'envelope', visibility: 'public', content, stored: content } };
    });
  }

  actionTime(at: Timestamp): Timestamp {
    return at;
  }

  private openClone(keys: AgentKeys, pair: Pair): Promise<Clone> {
    const proof = signMembraneProof(keys, { space: pair.space, member: keys.agent });
    return this.clones.open(keys, pair, { proof, isPeerJoined: pair.peer === keys.agent, isInvited: false });
  }
}

function sealForPair({ entryKey, space }: Pair, envelope: Uint8Array): Uint8Array {
  return seal({ key: entryKey, plaintext: pad(envelope), associatedData: fromBase64Url(space) });
}

/** @throws InvalidMessageError unless one of the pair sealed it */
export function openFromPair({ entryKey, space }: Pair, content: Uint8Array): Envelope {
  try {
    const sealed = { key: entryKey, sealed: content, associatedData: fromBase64Url(space) };
    return decodeEnvelope(unpad(open(sealed)));
  } catch (error) {
    throw new InvalidMessageError('the entry was not sealed by this pair', { cause: error });
  }
}
