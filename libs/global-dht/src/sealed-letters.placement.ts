import { type ActionDraft, type Hash, type NodeContext, type SourceChains, entryHash } from '@musubi/cell';
import { fromBase64Url, openLetter, sealLetter } from '@musubi/crypto';
import { type AgentKeys } from '@musubi/crypto';
import { type Cell, type Placement } from '@musubi/history';
import { type AgentPubKey, InvalidMessageError, type Timestamp, dayOf } from '@musubi/messaging';
import { type Envelope, encodeEnvelope } from '@musubi/receipts';
import { type Addressing, type MailboxAddress } from './addressing/addressing.js';

/** A cell that writes to one mailbox. */
export interface MailboxCell extends Cell {
  readonly address: MailboxAddress;
  /** When the address was made. */
  readonly openedAt: Timestamp;
}

/** Public entries that only the pair can open, each linked from the mailbox where its reader looks. */
export class SealedLettersPlacement implements Placement<MailboxCell> {
  readonly strategy = 'global-dht';
  /** Both sides read the one letter in the DHT. */
  readonly copiesReceived = false;
  readonly repliesReceipts = false;

  constructor(
    private readonly node: NodeContext,
    private readonly chains: SourceChains,
    private readonly addressing: Addressing,
  ) {}

  async cellFor(holder: AgentPubKey, peer: AgentPubKey): Promise<MailboxCell> {
    const keys = this.node.keyring.keysOf(holder);
    const now = this.node.clock.now();
    const address = this.addressing.addressOf(keys, peer, dayOf(now));
    await this.chains.start(address.chain, { at: this.addressing.actionTime(now), membraneProof: null });
    return { keys, chain: address.chain, address, openedAt: now };
  }

  draftsOf(
    letters: readonly Envelope[],
    { keys, address }: MailboxCell,
    peer: AgentPubKey,
  ): readonly ActionDraft[] {
    const readers = [fromBase64Url(peer), fromBase64Url(keys.agent)];
    return letters.flatMap((letter) => {
      const plaintext = encodeEnvelope(letter, this.node.random);
      return linkedLetter(address, sealLetter({ plaintext, readers, random: this.node.random }));
    });
  }

  /** Of the day whose mailbox it is, also when midnight has passed since it was opened. */
  actionTime(at: Timestamp, cell?: MailboxCell): Timestamp {
    return this.addressing.actionTime(this.addressing.isDaily ? (cell?.openedAt ?? at) : at);
  }
}

/** A sealed letter and the link that leads to it: the two actions of everything that is said here. */
export function linkedLetter(
  { base, tag }: Omit<MailboxAddress, 'chain'>,
  content: Uint8Array,
): readonly ActionDraft[] {
  const target: Hash = entryHash(content);
  return [
    { type: 'create', entry: { type: 'letter', visibility: 'public', content, stored: content } },
    { type: 'create-link', link: { base, target, tag } },
  ];
}

/** What a letter says to one of its readers. @throws InvalidMessageError when it is not for this agent */
export function readLetter(keys: AgentKeys, letter: Uint8Array): Uint8Array {
  try {
    return openLetter({ letter, reader: keys.signing });
  } catch (error) {
    throw new InvalidMessageError('the letter is not for this agent', { cause: error });
  }
}
