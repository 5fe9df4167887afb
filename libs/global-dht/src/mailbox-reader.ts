import { type Dht, type DhtLink, type Hash } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type Log } from '@musubi/messaging';
import { type LimitFunction } from 'p-limit';
import { type WatchedMailbox } from './addressing/addressing.js';
import { type LetterDelivery } from './letter-delivery.js';
import { type LinkOrigin, OpenMailbox } from './open-mailbox.js';

/** How often a mailbox is read again at once after a failure that may pass; then the next round has its turn. */
const MAX_ATTEMPTS = 20;

interface MailboxReaderParts {
  readonly dht: Pick<Dht, 'links'>;
  readonly log: Log;
  readonly delivery: LetterDelivery;
  /** Reads of all agents wait here for one another. What was pushed need not be read. */
  readonly reads: LimitFunction;
  /** Somebody asked for contact. */
  welcome(peer: AgentPubKey): Promise<void>;
}

/** Takes one agent's letters, one after another, each author's in the order in which it wrote them. */
export class MailboxReader {
  private readonly opened = new Map<Hash, OpenMailbox>();
  /** Those with a link whose author might not write to the agent when it was looked at. */
  private readonly dropped = new Map<Hash, WatchedMailbox>();
  private readonly due = new Set<Hash>();
  private reading: Promise<void> | null = null;
  private isClosed = false;

  constructor(
    private readonly keys: AgentKeys,
    private readonly parts: MailboxReaderParts,
  ) {}

  /** Whether everything that was found has been taken. */
  get isDone(): boolean {
    return this.reading === null && ![...this.opened.values()].some(isUnfinished);
  }

  /** Does something with a mailbox, and reads it if there is reason to. */
  at(mailbox: WatchedMailbox, work: (opened: OpenMailbox) => void): void {
    if (this.isClosed) return;
    const opened = this.opened.get(mailbox.base) ?? new OpenMailbox(mailbox, this.parts.dht);
    this.opened.set(mailbox.base, opened);
    work(opened);
    this.look(mailbox.base);
  }

  /** Reads the mailboxes again in which something was dropped that the peer, or anybody for `null`, had written. */
  takeDropped(peer: AgentPubKey | null): void {
    for (const [base, mailbox] of this.dropped) {
      if (peer !== null && mailbox.peer !== null && mailbox.peer !== peer) continue;
      this.forget(base);
      this.at(mailbox, (opened) => {
        opened.readAgain();
      });
    }
  }

  /** Which of its links are done with is not known any more. */
  forget(base: Hash): void {
    this.dropped.delete(base);
    this.opened.delete(base);
  }

  /** Tries what is unfinished again, and lets go of what is done with and watched no more. */
  goOver(isWatched: (base: Hash) => boolean): void {
    for (const [base, mailbox] of this.opened) {
      if (isUnfinished(mailbox)) {
        mailbox.attempts = 0;
        mailbox.readAgain();
        this.look(base);
      } else if (!this.due.has(base) && !isWatched(base)) this.forget(base);
    }
  }

  /** Resolves when everything that is known to be due has been read. */
  async whenIdle(): Promise<void> {
    while (this.reading !== null) await this.reading;
  }

  /** Stops, and waits for the letter in hand. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.reading;
    this.opened.clear();
    this.dropped.clear();
  }

  private look(base: Hash): void {
    this.due.add(base);
    this.reading ??= this.readDue();
  }

  private async readDue(): Promise<void> {
    // What is told of in one turn is taken together.
    await Promise.resolve();
    for (const base of this.due) {
      this.due.delete(base);
      const mailbox = this.opened.get(base);
      if (mailbox !== undefined && !this.isClosed) await this.takeLinks(mailbox);
    }
    this.reading = null;
  }

  private async takeLinks(mailbox: OpenMailbox): Promise<void> {
    const takeAll = (): Promise<void> =>
      mailbox.takeLinks((link, origin) => this.take(mailbox.mailbox, link, origin));
    try {
      await (mailbox.isToBeRead ? this.parts.reads(takeAll) : takeAll());
      mailbox.attempts = 0;
    } catch {
      mailbox.attempts += 1;
      this.parts.log.warn('mailbox-read-failed', { attempts: mailbox.attempts });
      if (mailbox.attempts < MAX_ATTEMPTS && !this.isClosed) this.due.add(mailbox.mailbox.base);
    }
  }

  /** @returns whether the link is done with */
  private async take(mailbox: WatchedMailbox, link: DhtLink, origin: LinkOrigin): Promise<boolean> {
    if (this.isClosed) return false;
    const outcome = await this.parts.delivery.take(this.keys, mailbox, { link, origin });
    if (outcome === 'waiting') return false;
    if (outcome === 'dropped') this.dropped.set(mailbox.base, mailbox);
    if (typeof outcome === 'object') await this.parts.welcome(outcome.requestOf);
    return true;
  }
}

function isUnfinished({ attempts, isUnfinished: hasLeft, isToBeRead }: OpenMailbox): boolean {
  return attempts > 0 || hasLeft || isToBeRead;
}
