import { setImmediate as turn } from 'node:timers/promises';
import { type DhtFeed } from '@musubi/cell';
import { type Log } from '@musubi/messaging';
import { type ContactStore } from './contact.store.js';
import { type MailboxWatch } from './mailbox-watch.js';
import { type ReadingMarkStore } from './reading-mark.store.js';

/** Agents whose contacts are read with one query. */
const AGENTS_AT_ONCE = 64;
/** Contacts opened in one go. */
const CONTACTS_A_TURN = 128;

interface MailboxLoaderParts {
  readonly contacts: ContactStore;
  readonly marks: ReadingMarkStore;
  readonly feed: DhtFeed;
  readonly log: Log;
}

/** What agents that came online know: their peers, how far they have read, and on which days there were letters since. */
export class MailboxLoader {
  private readonly waiting = new Set<MailboxWatch>();

  constructor(private readonly parts: MailboxLoaderParts) {}

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  add(watch: MailboxWatch): void {
    this.waiting.add(watch);
  }

  /** Loads some of them, many with each query. @returns those */
  async next(): Promise<readonly MailboxWatch[]> {
    for (const watch of this.waiting) if (watch.isClosed) this.waiting.delete(watch);
    const watches = [...this.waiting].slice(0, AGENTS_AT_ONCE);
    await this.loadMarks(watches);
    await this.loadPeers(watches);
    for (const watch of watches) {
      watch.isLoaded = true;
      this.waiting.delete(watch);
    }
    return watches;
  }

  private async loadMarks(watches: readonly MailboxWatch[]): Promise<void> {
    const { feed, log } = this.parts;
    const marks = await this.parts.marks.of(watches.map(({ keys }) => keys));
    const { period } = await feed.state();
    for (const watch of watches) {
      const mark = marks.get(watch.keys.agent) ?? null;
      // Only another database's: nothing is known of what was read of this one.
      const isFuture = mark !== null && mark > period;
      if (isFuture) log.warn('mailbox-mark-ahead', { periods: mark - period });
      watch.mark = isFuture ? null : mark;
    }
    const since = await feed.daysSince(Math.min(...watches.map(({ mark }) => mark ?? 0)));
    for (const watch of watches) {
      watch.past = since.filter((one) => one.period >= (watch.mark ?? 0)).map(({ day }) => day);
    }
  }

  private async loadPeers(watches: readonly MailboxWatch[]): Promise<void> {
    const byAgent = new Map(watches.map((watch) => [watch.keys.agent, watch]));
    const contacts = await this.parts.contacts.of([...byAgent.keys()]);
    for (const [index, contact] of contacts.entries()) {
      const watch = byAgent.get(contact.holder);
      // Their mailboxes are looked up with all others of their days.
      if (watch !== undefined) watch.addPeer(contact.open(watch.keys));
      if (index % CONTACTS_A_TURN === CONTACTS_A_TURN - 1) await turn();
    }
  }
}
