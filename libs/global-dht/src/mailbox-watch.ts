import { type Dht, type DhtLink, type Hash } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type Clock, type Day, type Log, addDays, dayOf } from '@musubi/messaging';
import { type Signals, type Unsubscribe } from '@musubi/network';
import { type Addressing, type WatchedMailbox } from './addressing/addressing.js';
import { type ContactStore } from './contact.store.js';
import { type LetterDelivery } from './letter-delivery.js';
import { type LinkOrigin, OpenMailbox } from './open-mailbox.js';

/** How far two agents' clocks and a slow publication may put a letter's day before or after today. */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 1;
/** How often a mailbox is read again at once after a failure that may pass; then the next poll has its turn. */
const MAX_ATTEMPTS = 20;

export interface MailboxWatchParts {
  readonly dht: Dht;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly log: Log;
  readonly addressing: Addressing;
  readonly contacts: ContactStore;
  readonly delivery: LetterDelivery;
}

interface Watched {
  readonly mailbox: OpenMailbox;
  readonly unsubscribe: Unsubscribe;
}

/**
 * One online agent watching its mailboxes: authorities push when a link is added, and a poll finds what a push
 * lost. Letters are taken one after another, each author's in the order in which it wrote them.
 */
export class MailboxWatch {
  private readonly open = new Map<Hash, Watched>();
  private readonly peers = new Set<AgentPubKey>();
  private readonly due = new Set<Hash>();
  private reading: Promise<void> | null = null;
  private isClosed = false;
  /** As it is stored: letters published before that day have been taken. */
  private readThrough: Day | null = null;
  private firstDay: Day | null = null;

  constructor(
    private readonly keys: AgentKeys,
    private readonly parts: MailboxWatchParts,
  ) {}

  /** Starts to watch, from the day on which the agent last read everything. Reading goes on by itself. */
  async start(): Promise<void> {
    const { contacts, clock } = this.parts;
    for (const peer of await contacts.peers(this.keys)) this.peers.add(peer);
    this.readThrough = (await contacts.readThrough(this.keys)) ?? (await this.begin(dayOf(clock.now())));
    this.firstDay = this.readThrough;
    this.readAgain();
  }

  /** Nothing was written to an agent before it came; this day is where it looks first, however long it stays away. */
  private async begin(today: Day): Promise<Day> {
    await this.parts.contacts.setReadThrough(this.keys, today);
    return today;
  }

  /** Stops, and waits for the letter in hand. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { unsubscribe } of this.open.values()) unsubscribe();
    this.open.clear();
    await this.reading;
  }

  knows(peer: AgentPubKey): boolean {
    return this.peers.has(peer);
  }

  addPeer(peer: AgentPubKey): void {
    if (this.peers.has(peer)) return;
    this.peers.add(peer);
    this.watchAll();
  }

  /** Reads every mailbox again: what a poll does, and a new day. */
  readAgain(): void {
    if (this.isClosed) return;
    this.watchAll();
    for (const [base, { mailbox }] of this.open) {
      mailbox.attempts = 0;
      mailbox.readAgain();
      this.look(base);
    }
  }

  /** Resolves when everything that is known to be due has been read. */
  async settle(): Promise<void> {
    while (this.reading !== null) await this.reading;
  }

  private watchAll(): void {
    if (this.isClosed || this.firstDay === null) return;
    const last = addDays(dayOf(this.parts.clock.now()), DAYS_AFTER);
    const days: Day[] = [];
    for (let day = addDays(this.firstDay, -DAYS_BEFORE); day <= last; day = addDays(day, 1)) days.push(day);
    const watched = this.parts.addressing.watchedBy(this.keys, { peers: [...this.peers], days });
    for (const mailbox of watched) if (!this.open.has(mailbox.base)) this.watch(mailbox);
    this.forget(new Set(watched.map(({ base }) => base)));
  }

  private watch(mailbox: WatchedMailbox): void {
    const { base } = mailbox;
    const opened = new OpenMailbox(mailbox, this.parts.dht);
    const unsubscribe = this.parts.signals.subscribe(base, (push) => {
      opened.hear(push);
      this.look(base);
    });
    this.open.set(base, { mailbox: opened, unsubscribe });
    this.look(base);
  }

  private forget(watched: ReadonlySet<Hash>): void {
    for (const [base, { unsubscribe }] of this.open) {
      if (watched.has(base)) continue;
      unsubscribe();
      this.open.delete(base);
    }
  }

  private look(base: Hash): void {
    this.due.add(base);
    this.reading ??= this.readDue();
  }

  private async readDue(): Promise<void> {
    while (this.due.size > 0 && !this.isClosed) {
      const today = dayOf(this.parts.clock.now());
      await this.readOnce();
      await this.noteReadThrough(today);
    }
    this.reading = null;
  }

  private async readOnce(): Promise<void> {
    for (const base of this.due) {
      this.due.delete(base);
      const watched = this.open.get(base);
      if (watched !== undefined) await this.takeLinks(watched.mailbox);
    }
  }

  private async takeLinks(mailbox: OpenMailbox): Promise<void> {
    try {
      await mailbox.takeLinks((link, origin) => this.take(mailbox.mailbox, link, origin));
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
    if (typeof outcome === 'object') await this.welcome(outcome.knockOf);
    return true;
  }

  private async welcome(peer: AgentPubKey): Promise<void> {
    await this.parts.contacts.add(this.keys, peer);
    this.addPeer(peer);
  }

  /**
   * Once a day is enough: what is read twice is written once. Not while a mailbox has letters that could not be taken,
   * for it would not be looked at again.
   */
  private async noteReadThrough(today: Day): Promise<void> {
    if (this.isClosed || this.readThrough === today) return;
    if ([...this.open.values()].some(({ mailbox }) => mailbox.attempts > 0)) return;
    try {
      await this.parts.contacts.setReadThrough(this.keys, today);
    } catch {
      this.parts.log.warn('mailbox-note-failed');
      return;
    }
    this.readThrough = today;
    this.firstDay = today;
    this.watchAll();
  }
}
