import { type Hash } from '@musubi/cell';
import { type Signals, type Unsubscribe } from '@musubi/network';
import { type WatchedMailbox } from './addressing/addressing.js';
import { type MailboxReader } from './mailbox-reader.js';

interface Watched {
  readonly reader: MailboxReader;
  readonly mailbox: WatchedMailbox;
  readonly unsubscribe: Unsubscribe;
}

/** Every base that an agent of this process watches, and whose it is. Authorities push what is linked from there. */
export class WatchedBases {
  private readonly watched = new Map<Hash, Watched>();

  constructor(private readonly signals: Signals) {}

  at(base: Hash): Pick<Watched, 'reader' | 'mailbox'> | undefined {
    return this.watched.get(base);
  }

  /** @returns false when it is watched already */
  add(reader: MailboxReader, mailbox: WatchedMailbox): boolean {
    if (this.watched.has(mailbox.base)) return false;
    const unsubscribe = this.signals.subscribe(mailbox.base, (push) => {
      reader.at(mailbox, (opened) => {
        opened.hear(push);
      });
    });
    this.watched.set(mailbox.base, { reader, mailbox, unsubscribe });
    return true;
  }

  remove(base: Hash): void {
    this.watched.get(base)?.unsubscribe();
    this.watched.delete(base);
  }
}
