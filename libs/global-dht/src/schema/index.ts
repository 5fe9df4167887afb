import { type DatabaseParts, booleanColumn, bytesColumn, keyColumn, table } from '@musubi/database';
import { CreateGlobalDht1763900400000 } from './migrations.js';

/** A peer with whom the holder exchanges letters. */
export interface MailboxContactRow {
  readonly holder: Uint8Array;
  /** The peer, blinded by the holder's key. */
  readonly key: Uint8Array;
  /** The peer need not be told any more that the holder writes to it. */
  readonly is_knocked: boolean;
  /** The peer's key. */
  readonly sealed: Uint8Array;
}

export const mailboxContactTable = table<MailboxContactRow>('mailbox_contact', {
  holder: keyColumn('mailbox_contact_one_per_peer'),
  key: keyColumn('mailbox_contact_one_per_peer'),
  is_knocked: booleanColumn,
  sealed: bytesColumn,
});

/** Up to which day the holder has read its mailboxes to the end. */
export interface MailboxWatchRow {
  readonly holder: Uint8Array;
  readonly sealed: Uint8Array;
}

export const mailboxWatchTable = table<MailboxWatchRow>('mailbox_watch', {
  holder: keyColumn('mailbox_watch_one_per_holder'),
  sealed: bytesColumn,
});

/** The tables of mailboxes, and the migrations that make them. */
export const globalDhtDatabase: DatabaseParts = {
  entities: [mailboxContactTable, mailboxWatchTable],
  migrations: [CreateGlobalDht1763900400000],
};
