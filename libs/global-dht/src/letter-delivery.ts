import { type Dht, type DhtLink, type Outbox } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Correspondence, highestReceiptOf } from '@musubi/history';
import { type AgentPubKey, type Log, MessagingError } from '@musubi/messaging';
import { decodeEnvelope, vetMessage, vetReceipt } from '@musubi/receipts';
import { GLOBAL_DHT_SPACE, type WatchedMailbox } from './addressing/addressing.js';
import { readKnock } from './knock.js';
import { type LetterPublisher } from './letter-publisher.js';
import { type MailboxCell, readLetter } from './sealed-letters.placement.js';

export interface LetterDeliveryParts {
  readonly own: Correspondence<MailboxCell>;
  readonly dht: Dht;
  readonly publisher: LetterPublisher;
  readonly log: Log;
  readonly outbox: Outbox;
  /** Strangers knock where nobody else writes. */
  readonly needsKnock: boolean;
}

/** What became of a link: done with for good, or to be looked at again. */
export type LinkOutcome = 'taken' | 'waiting' | { readonly knockOf: AgentPubKey };

/** What a recipient's cell does with a link that it finds in one of its mailboxes. */
export class LetterDelivery {
  constructor(private readonly parts: LetterDeliveryParts) {}

  /**
   * Gets the letter, opens it, and commits what follows from it. A link whose entry is not there yet waits; a
   * letter that is forged, for somebody else or unreadable is quarantined: logged, and never looked at again.
   */
  async take(keys: AgentKeys, mailbox: WatchedMailbox, link: DhtLink): Promise<LinkOutcome> {
    const letter = await this.parts.dht.entry(GLOBAL_DHT_SPACE, link.target);
    if (letter === null) return 'waiting';
    try {
      const plaintext = readLetter(keys, letter);
      if (mailbox.peer === null && this.parts.needsKnock)
        return { knockOf: readKnock(plaintext, keys.agent) };
      await this.deliver(keys, mailbox.peer ?? link.author, plaintext);
      return 'taken';
    } catch (error) {
      if (!(error instanceof MessagingError) || error.retryable) throw error;
      this.parts.log.warn('letter-quarantined', { code: error.code });
      return 'taken';
    }
  }

  private async deliver(keys: AgentKeys, caller: AgentPubKey, plaintext: Uint8Array): Promise<void> {
    const { own, publisher } = this.parts;
    const letter = decodeEnvelope(plaintext);
    const handIn = { caller, callee: keys.agent, space: GLOBAL_DHT_SPACE };
    if (letter.kind === 'receipt') {
      vetReceipt(letter.receipt, handIn);
      await own.confirm(keys.agent, letter.receipt);
      return;
    }
    vetMessage(own.notary, letter, handIn);
    const { message } = await own.accept(letter);
    // A letter is looked at again after a restart, when it may have been read: the step settled below is that too.
    const held = await own.history.find({ holder: keys.agent, message });
    await publisher.publish(keys, caller, highestReceiptOf(held));
    const owed = { strategy: 'global-dht', message, step: 'receipt' } as const;
    await this.parts.outbox.settle(own.history.db, keys, owed);
  }
}
