import { type DhtLink, type Outbox, type Writers } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { commitRows } from '@musubi/database';
import { type MessageLog, highestReceiptOf } from '@musubi/history';
import { type AgentPubKey, type Log, MessagingError, RecipientRefusesError } from '@musubi/messaging';
import {
  type Envelope,
  type HandIn,
  decodeEnvelope,
  messageIdOf,
  vetMessage,
  vetPin,
  vetReceipt,
} from '@musubi/receipts';
import { GLOBAL_DHT_SPACE, type WatchedMailbox } from './addressing/addressing.js';
import { type FileEntries } from './file-entries.js';
import { readContactRequest } from './contact-request.js';
import { type LetterPublisher } from './letter-publisher.js';
import { type LinkOrigin } from './open-mailbox.js';
import { type MailboxCell, readLetter } from './sealed-letters.placement.js';

interface LetterDeliveryParts {
  readonly own: MessageLog<MailboxCell>;
  readonly publisher: LetterPublisher;
  readonly fileEntries: Pick<FileEntries, 'collect'>;
  readonly log: Log;
  readonly outbox: Outbox;
  readonly writers: Pick<Writers, 'mayWrite'>;
  /** Contact requests of strangers lie where nobody else writes. */
  readonly needsContactRequest: boolean;
  /** Authors are told of the delivery. */
  readonly answers: boolean;
}

/** A link, and how it was found. */
interface FoundLink {
  readonly link: DhtLink;
  readonly origin: LinkOrigin;
}

interface FoundLetter {
  readonly letter: Envelope;
  readonly caller: AgentPubKey;
  readonly origin: LinkOrigin;
}

/** What became of a link: done with for good, or until others may write, or to be looked at again. */
type LinkOutcome = 'dropped' | 'taken' | 'waiting' | { readonly requestOf: AgentPubKey };

/** What a recipient's cell does with a link that it finds in one of its mailboxes. */
export class LetterDelivery {
  constructor(private readonly parts: LetterDeliveryParts) {}

  /**
   * Opens the letter, and commits what follows from it. A link whose entry is not there yet waits; a
   * letter that is forged, for somebody else or unreadable is quarantined: logged, and never looked at again. A contact
   * request of an agent that may not write is dropped, and so its letters are never found. A message of such an agent is
   * dropped before it is vetted. Its receipts count: from outside they look like its messages.
   */
  async take(keys: AgentKeys, mailbox: WatchedMailbox, { link, origin }: FoundLink): Promise<LinkOutcome> {
    if (link.body === null) return 'waiting';
    try {
      const plaintext = readLetter(keys, link.body);
      if (mailbox.peer === null && this.parts.needsContactRequest)
        return await this.takeRequest(keys, readContactRequest(plaintext, keys.agent));
      const caller = mailbox.peer ?? link.author;
      return await this.takeLetter(keys, { letter: decodeEnvelope(plaintext), caller, origin });
    } catch (error) {
      return this.quarantine(error);
    }
  }

  /** @throws what may pass */
  private quarantine(error: unknown): LinkOutcome {
    if (!(error instanceof MessagingError) || error.retryable) throw error;
    if (error instanceof RecipientRefusesError) return 'dropped';
    this.parts.log.warn('letter-quarantined', { code: error.code });
    return 'taken';
  }

  private async takeRequest(keys: AgentKeys, from: AgentPubKey): Promise<LinkOutcome> {
    return (await this.parts.writers.mayWrite(keys, from)) ? { requestOf: from } : 'dropped';
  }

  private async takeLetter(keys: AgentKeys, { letter, caller, origin }: FoundLetter): Promise<LinkOutcome> {
    if (letter.kind !== 'receipt' && !(await this.parts.writers.mayWrite(keys, caller))) return 'dropped';
    const handIn = { caller, callee: keys.agent, space: GLOBAL_DHT_SPACE };
    this.vet(letter, handIn);
    // What lies there after a restart was mostly taken before it: asking takes a fifth of trying to take it again.
    if (origin === 'read' && (await this.isKept(keys, letter))) return 'taken';
    if (!(await this.hasFile(keys, letter))) return 'waiting';
    await this.deliver(keys, letter);
    return 'taken';
  }

  private vet(letter: Envelope, handIn: HandIn): void {
    if (letter.kind === 'receipt') vetReceipt(letter.receipt, handIn);
    else if (letter.kind === 'pin') vetPin(letter.pin, handIn);
    else vetMessage(this.parts.own.notary, letter, handIn);
  }

  /** Whether nothing is missing of the letter's file, if it has one. */
  private async hasFile(keys: AgentKeys, letter: Envelope): Promise<boolean> {
    if (letter.kind !== 'message' || letter.message.payload.type === 'text') return true;
    if (await this.isKept(keys, letter)) return true;
    return this.parts.fileEntries.collect(keys, letter.message.payload.file);
  }

  /** Whether the agent has it already. A receipt that is still to be published for it is in the outbox. */
  private isKept({ agent: holder }: AgentKeys, letter: Envelope): Promise<boolean> {
    if (letter.kind === 'pin') return Promise.resolve(false);
    const { history } = this.parts.own;
    if (letter.kind === 'message') return history.has({ holder, message: messageIdOf(letter.message) });
    const { message, status } = letter.receipt;
    return history.hasReceipt({ holder, message }, status);
  }

  private async deliver(keys: AgentKeys, letter: Envelope): Promise<void> {
    const { own, publisher } = this.parts;
    if (letter.kind === 'receipt') {
      await own.confirm(keys.agent, letter.receipt);
      return;
    }
    if (letter.kind === 'pin') {
      await own.pins.accept(keys.agent, letter.pin);
      return;
    }
    const { receipt, actions } = await own.accept(letter);
    const { message } = receipt;
    const outboxKey = { strategy: 'global-dht', message, step: 'delivered' } as const;
    const completion = this.parts.outbox.complete(keys, outboxKey);
    if (!this.parts.answers) {
      await commitRows(own.history.db, completion);
      return;
    }
    if (actions !== null) {
      await publisher.publishActions(actions, completion);
      return;
    }
    // A letter is looked at again after a restart, when it may have been read: the highest receipt tells all.
    const held = await own.history.find({ holder: keys.agent, message });
    await publisher.publish(keys, highestReceiptOf(held), completion);
  }
}
