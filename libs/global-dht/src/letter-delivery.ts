import { type DhtLink, type Outbox } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { writeAtOnce } from '@musubi/database';
import { type Correspondence, highestReceiptOf } from '@musubi/history';
import { type AgentPubKey, type Log, MessagingError } from '@musubi/messaging';
import { decodeEnvelope, vetMessage, vetReceipt } from '@musubi/receipts';
import { GLOBAL_DHT_SPACE, type WatchedMailbox } from './addressing/addressing.js';
import { readKnock } from './knock.js';
import { type LetterPublisher } from './letter-publisher.js';
import { type MailboxCell, readLetter } from './sealed-letters.placement.js';

export interface LetterDeliveryParts {
  readonly own: Correspondence<MailboxCell>;
  readonly publisher: LetterPublisher;
  readonly log: Log;
  readonly outbox: Outbox;
  /** Strangers knock where nobody else writes. */
  readonly needsKnock: boolean;
  /** Authors are told of the delivery. */
  readonly answers: boolean;
}

/** What became of a link: done with for good, or to be looked at again. */
export type LinkOutcome = 'taken' | 'waiting' | { readonly knockOf: AgentPubKey };

/** What a recipient's cell does with a link that it finds in one of its mailboxes. */
export class LetterDelivery {
  constructor(private readonly parts: LetterDeliveryParts) {}

  /**
   * Opens the letter, and commits what follows from it. A link whose entry is not there yet waits; a
   * letter that is forged, for somebody else or unreadable is quarantined: logged, and never looked at again.
   */
  async take(keys: AgentKeys, mailbox: WatchedMailbox, link: DhtLink): Promise<LinkOutcome> {
    if (link.body === null) return 'waiting';
    try {
      const plaintext = readLetter(keys, link.body);
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
    const { receipt, actions } = await own.accept(letter);
    const { message } = receipt;
    const owed = { strategy: 'global-dht', message, step: 'receipt' } as const;
    const settled = this.parts.outbox.settle(keys, owed);
    if (!this.parts.answers) {
      await writeAtOnce(own.history.db, settled);
      return;
    }
    if (actions !== null) {
      await publisher.publishActions(actions, settled);
      return;
    }
    // A letter is looked at again after a restart, when it may have been read: the step settled below is that too.
    const held = await own.history.find({ holder: keys.agent, message });
    await publisher.publish(keys, caller, highestReceiptOf(held));
    await writeAtOnce(own.history.db, settled);
  }
}
