import { type Hash } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type Day } from '@musubi/messaging';
import { type Addressing, type WatchedMailbox } from './addressing/addressing.js';
import { type MailboxReader } from './mailbox-reader.js';
import { type WatchedBases } from './watched-bases.js';

interface MailboxWatchParts {
  readonly addressing: Addressing;
  readonly bases: WatchedBases;
}

/**
 * One online agent's mailboxes: one of each peer and each day that is watched, and one for strangers. Their bases are
 * computed once, as they are asked for: what yields them can be put off between any two.
 */
export class MailboxWatch {
  /** Everything that was published before that period has been taken, as far as is noted; `null`: nothing is. */
  mark: number | null = null;
  /** Its peers and its mark have been read. */
  isLoaded = false;
  isClosed = false;
  /** Days with letters since the mark that are not watched: those of a peer that is new may be among them. */
  past: readonly Day[] = [];
  private readonly peers = new Set<AgentPubKey>();
  private readonly days = new Map<Day, Hash[]>();

  constructor(
    readonly keys: AgentKeys,
    readonly reader: MailboxReader,
    private readonly parts: MailboxWatchParts,
  ) {}

  knows(peer: AgentPubKey): boolean {
    return this.peers.has(peer);
  }

  /** @returns its mailboxes, each watched once it is asked for, and those of days past */
  addPeer(peer: AgentPubKey): Iterable<WatchedMailbox> {
    if (this.peers.has(peer)) return [];
    this.peers.add(peer);
    return this.mailboxesOf(() => [peer], [...this.days.keys(), ...this.past]);
  }

  watches(day: Day): boolean {
    return this.days.has(day);
  }

  /** Watches that day from now on. @returns its mailboxes, each watched once it is asked for */
  watchDay(day: Day): Iterable<WatchedMailbox> {
    // It may have gone while it was being loaded.
    if (this.isClosed) return [];
    if (!this.days.has(day)) this.days.set(day, []);
    return this.mailboxesOn([day]);
  }

  /** Stops to watch all other days. */
  watchOnly(days: readonly Day[]): void {
    for (const [day, bases] of this.days) {
      if (days.includes(day)) continue;
      this.days.delete(day);
      for (const base of bases) this.parts.bases.remove(base);
    }
  }

  /** All mailboxes of those days, those of strangers first. */
  mailboxesOn(days: readonly Day[]): Iterable<WatchedMailbox> {
    return this.mailboxesOf(() => this.everybody(), days);
  }

  /** The mailboxes in which that peer may write on the days that are watched. */
  mailboxesFrom(peer: AgentPubKey): Iterable<WatchedMailbox> {
    return this.mailboxesOf(() => [peer], [...this.days.keys()]);
  }

  /** Where strangers have asked for contact on those days, whatever of that was dropped. */
  *requestsAgain(days: readonly Day[]): Generator<WatchedMailbox> {
    for (const mailbox of this.mailboxesOf(() => [null], days)) {
      this.reader.forget(mailbox.base);
      yield mailbox;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.watchOnly([]);
    await this.reader.close();
  }

  /** Also those who come to be known meanwhile. */
  private *everybody(): Generator<AgentPubKey | null> {
    yield null;
    if (this.parts.addressing.isDaily) yield* this.peers;
  }

  private *mailboxesOf(
    writers: () => Iterable<AgentPubKey | null>,
    days: readonly Day[],
  ): Generator<WatchedMailbox> {
    for (const day of days) {
      for (const writer of writers()) {
        const mailbox = this.parts.addressing.mailboxOf(this.keys, writer, day);
        const watched = this.days.get(day);
        if (watched !== undefined && this.parts.bases.add(this.reader, mailbox)) watched.push(mailbox.base);
        yield mailbox;
      }
    }
  }
}
