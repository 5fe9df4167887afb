import { type Arrival, type Dht, type DhtFeed, type Hash } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type Day, type Log } from '@musubi/messaging';
import { type Signals } from '@musubi/network';
import pLimit from 'p-limit';
import { type Addressing } from './addressing/addressing.js';
import { announcedBy } from './contact-announcement.js';
import { type ContactName, type ContactStore } from './contact.store.js';
import { type LetterDelivery } from './letter-delivery.js';
import { LinkLookups } from './link-lookups.js';
import { MailboxLoader } from './mailbox-loader.js';
import { MailboxReader } from './mailbox-reader.js';
import { MailboxWatch } from './mailbox-watch.js';
import { type ReadingMarkStore } from './reading-mark.store.js';
import { WatchedBases } from './watched-bases.js';

/** Mailboxes that are read at once, of all agents together: the rest of the pool is for requests. */
const READS_AT_ONCE = 4;
/** Where mailboxes are not of a day. */
const EVERY_DAY = 0 as Day;

export interface OnlineAgentsParts {
  readonly dht: Dht;
  readonly signals: Signals;
  readonly log: Log;
  readonly addressing: Addressing;
  readonly contacts: ContactStore;
  readonly marks: ReadingMarkStore;
  readonly delivery: LetterDelivery;
  readonly feed: DhtFeed;
}

/** The agents that are online in this process, each with its mailboxes: those of its peers on the days that are watched. */
export class OnlineAgents {
  private readonly watches = new Map<AgentPubKey, MailboxWatch>();
  private readonly bases: WatchedBases;
  private readonly lookups: LinkLookups;
  private readonly loader: MailboxLoader;
  private readonly reads = pLimit(READS_AT_ONCE);
  /** Contacts that were added here or elsewhere, by their names. */
  private readonly announced: ContactName[] = [];
  private days: readonly Day[] = [];

  constructor(private readonly parts: OnlineAgentsParts) {
    this.bases = new WatchedBases(parts.signals);
    this.lookups = new LinkLookups(parts.dht);
    this.loader = new MailboxLoader(parts);
  }

  get all(): readonly MailboxWatch[] {
    return [...this.watches.values()];
  }

  get(agent: AgentPubKey): MailboxWatch | undefined {
    return this.watches.get(agent);
  }

  /** @param welcome handles a peer that asks for contact */
  add(keys: AgentKeys, welcome: (peer: AgentPubKey) => Promise<void>): void {
    if (this.watches.has(keys.agent)) return;
    const { addressing, dht, log, delivery } = this.parts;
    const reader = new MailboxReader(keys, { dht, log, delivery, reads: this.reads, welcome });
    const watch = new MailboxWatch(keys, reader, { addressing, bases: this.bases });
    this.watches.set(keys.agent, watch);
    this.loader.add(watch);
  }

  async remove(agent: AgentPubKey): Promise<void> {
    const watch = this.watches.get(agent);
    this.watches.delete(agent);
    await watch?.close();
  }

  /** Watches for letters of that peer too. */
  meet(agent: AgentPubKey, peer: AgentPubKey): void {
    // Not the watch of before: the agent may have gone and come back, and begun to watch without this peer.
    const watch = this.watches.get(agent);
    if (watch !== undefined) this.lookups.add(watch, watch.addPeer(peer));
  }

  /** @param days on which there are letters of anybody's */
  lookAgain(agent: AgentPubKey, peer: AgentPubKey | null, days: readonly Day[]): void {
    const watch = this.watches.get(agent);
    if (watch === undefined) return;
    watch.reader.takeDropped(peer);
    const past = days.filter((day) => !this.watchesDay(day));
    this.lookups.addAgain(watch, watch.requestsAgain(past));
  }

  watchesDay(day: Day): boolean {
    return !this.parts.addressing.isDaily || this.days.includes(day);
  }

  /** Watches those days, and no others. */
  watchDays(days: readonly Day[]): void {
    this.days = this.parts.addressing.isDaily ? days : [EVERY_DAY];
    for (const watch of this.watches.values()) {
      watch.watchOnly(this.days);
      if (!watch.isLoaded) continue;
      for (const day of this.days) if (!watch.watches(day)) this.lookups.add(watch, watch.watchDay(day));
    }
  }

  /** Looks at everything anew: something may have been missed. */
  startOver(): void {
    for (const watch of this.watches.values()) this.loader.add(watch);
  }

  /** Something was newly published, or a contact added. */
  take(arrival: Arrival): void {
    const { base, author, seq } = arrival;
    if (seq === 0) this.takeAnnouncement(arrival);
    const watched = this.bases.at(base);
    watched?.reader.at(watched.mailbox, (opened) => {
      opened.has(author as AgentPubKey, seq);
    });
  }

  /** It says nothing of whose it is, so each agent's keys try it: a microsecond each. */
  private takeAnnouncement(arrival: Arrival): void {
    for (const { keys } of this.watches.values()) {
      const key = announcedBy(keys, arrival);
      if (key !== null) this.announced.push({ holder: keys.agent, key });
    }
  }

  /** Tries again what could not be taken, and meets the contacts that were announced. */
  async goOver(): Promise<void> {
    const isWatched = (base: Hash): boolean => this.bases.at(base) !== undefined;
    for (const { reader } of this.watches.values()) reader.goOver(isWatched);
    if (this.announced.length === 0) return;
    const contacts = await this.parts.contacts.named(this.announced);
    this.announced.length = 0;
    for (const contact of contacts) {
      const watch = this.watches.get(contact.holder);
      if (watch !== undefined) this.lookups.add(watch, watch.addPeer(contact.open(watch.keys)));
    }
  }

  /** A piece of what there is to find out of agents that came, of peers and of days. @returns false when there is none */
  async doNext(): Promise<boolean> {
    if (!this.loader.isEmpty) await this.load();
    else if (!this.lookups.isEmpty) await this.lookups.next();
    else return false;
    return true;
  }

  private async load(): Promise<void> {
    for (const watch of await this.loader.next()) {
      for (const day of this.days) this.lookups.add(watch, watch.watchDay(day));
      watch.past = watch.past.filter((day) => !this.watchesDay(day));
      this.lookups.add(watch, watch.mailboxesOn(watch.past), 'later');
    }
  }
}
