import { setImmediate as turn } from 'node:timers/promises';
import { type Dht } from '@musubi/cell';
import { GLOBAL_DHT_SPACE, type WatchedMailbox } from './addressing/addressing.js';
import { type MailboxWatch } from './mailbox-watch.js';

/** Bases in one question to the database: it answers with those that have links. */
const MOST_BASES = 1000;
/** Bases computed in one go: some 5 ms where each peer's secret has to be agreed on first. */
const BASES_A_TURN = 32;

interface Wanted {
  readonly watch: MailboxWatch;
  /** What was looked up already. */
  readonly isAgain?: true;
  readonly mailboxes: Iterator<WatchedMailbox>;
}

interface Looked {
  readonly watch: MailboxWatch;
  readonly mailbox: WatchedMailbox;
}

/** Mailboxes that may have links nobody told of: looked up many at a time, whosever they are. */
export class LinkLookups {
  private readonly soon: Wanted[] = [];
  private readonly later: Wanted[] = [];
  /** Of which the answer did not come. */
  private again: Looked[] = [];

  constructor(private readonly dht: Pick<Dht, 'linkCounts'>) {}

  get isEmpty(): boolean {
    return this.soon.length === 0 && this.later.length === 0 && this.again.length === 0;
  }

  add(watch: MailboxWatch, mailboxes: Iterable<WatchedMailbox>, when: 'soon' | 'later' = 'soon'): void {
    this[when].push({ watch, mailboxes: mailboxes[Symbol.iterator]() });
  }

  /** As `add`, later; one such look that has not begun is enough, however often it is asked for. */
  addAgain(watch: MailboxWatch, mailboxes: Iterable<WatchedMailbox>): void {
    const waits = this.later.some((one, index) => index > 0 && one.watch === watch && one.isAgain === true);
    if (!waits) this.later.push({ watch, mailboxes: mailboxes[Symbol.iterator](), isAgain: true });
  }

  /** Looks some of them up, and has those read that have links. */
  async next(): Promise<void> {
    this.again = await this.take();
    const bases = this.again.map(({ mailbox }) => mailbox.base);
    const counts = await this.dht.linkCounts(GLOBAL_DHT_SPACE, bases);
    for (const { watch, mailbox } of this.again.splice(0)) {
      const links = counts.get(mailbox.base);
      if (links === undefined) continue;
      watch.reader.at(mailbox, (opened) => {
        opened.countIs(links);
      });
    }
  }

  private async take(): Promise<Looked[]> {
    const taken = this.again;
    for (let computed = 1; taken.length < MOST_BASES; computed += 1) {
      const queue = this.soon.length > 0 ? this.soon : this.later;
      const [first] = queue;
      if (first === undefined) break;
      const next: IteratorResult<WatchedMailbox, unknown> = first.mailboxes.next();
      if (next.done === true || first.watch.isClosed) queue.shift();
      else taken.push({ watch: first.watch, mailbox: next.value });
      if (computed % BASES_A_TURN === 0) await turn();
    }
    return taken;
  }
}
