import {
  type DatabaseParts,
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
  textColumn,
} from '@musubi/database';
import { BeginEpochs1764500000000 } from './epochs.migration.js';
import { CreateHistory1763900200000, NumberChanges1764100100000 } from './migrations.js';
import { CreatePins1765200000000 } from './pin.migration.js';
import { TakeUnreadMarks1765060000000 } from './reading.migration.js';
import { MarkUnread1764400000000 } from './unread.migration.js';

/**
 * A message in its holder's own store. Without the holder's key its rows tell how many messages it has, in what
 * order, and which are of one conversation; not with whom, nor when, nor which of them it wrote.
 */
export interface HistoryRow {
  readonly holder: Uint8Array;
  readonly placement: string;
  /** The message's id, blinded. */
  readonly key: Uint8Array;
  /** The peer, blinded. */
  readonly conversation: Uint8Array;
  /** The sent time through the holder's own order-preserving map; a bigint comes back as a string. */
  readonly position: string;
  /** The holder's tombstone: not shown any more, and not received again. */
  readonly is_deleted: boolean;
  readonly sealed: Uint8Array;
  /** When it changed last, as a number of its holder's; `null` until somebody asks: see ADR 0026. */
  readonly change: string | null;
}

/** A message that its holder has received and not read. Nothing in the row is equal to anything in another. */
export interface UnreadMarkRow {
  readonly holder: Uint8Array;
  readonly placement: string;
  /** The key of the message's row, blinded again: 16 bytes. */
  readonly key: Uint8Array;
  /** The first 16 bytes of the message's `conversation`, under the pad of `key`. */
  readonly conversation: Uint8Array;
}

/** An unread message of before there were marks. It gets its mark when its holder asks for its conversations. */
export interface UnreadUnmarkedRow {
  readonly holder: Uint8Array;
  readonly placement: string;
  /** The key of the message's row. */
  readonly key: Uint8Array;
}

/**
 * What holds of a message's pin for its holder. Without the holder's key a row tells that somebody pinned or unpinned one
 * of the holder's messages, and whether it is pinned; neither who did, nor when. What waits in the outbox shows more.
 */
export interface PinRow {
  readonly holder: Uint8Array;
  /** The key of the message's row. */
  readonly key: Uint8Array;
  readonly placement: string;
  /** The statement's id, blinded otherwise than the key of its step in the outbox. */
  readonly statement: Uint8Array;
  /** Those of the message's row. */
  readonly conversation: Uint8Array;
  readonly position: string;
  readonly is_pinned: boolean;
  readonly sealed: Uint8Array;
}

/** The number of a holder's last change, which only grows. */
export interface ChangeCounterRow {
  readonly holder: Uint8Array;
  readonly last: string;
}

/** From which of a holder's numbers on an epoch's random name vouches for cursors: see ADR 0035. */
export interface ChangeEpochRow {
  readonly holder: Uint8Array;
  readonly first: string;
  /** 16 random bytes. */
  readonly epoch: Uint8Array;
}

/** The one row that says which epoch new numbers belong to, and when the server started in which it began. */
export interface CurrentChangeEpochRow {
  readonly id: number;
  readonly epoch: Uint8Array;
  readonly server_started: Date;
}

export const historyTable = table<HistoryRow>(
  'history',
  {
    holder: keyColumn('history_message_once'),
    placement: keyColumn('history_message_once', textColumn),
    key: keyColumn('history_message_once'),
    conversation: bytesColumn,
    position: bigintColumn,
    is_deleted: booleanColumn,
    sealed: bytesColumn,
    change: nullable(bigintColumn),
  },
  {
    indices: [
      { name: 'history_by_position', columns: ['holder', 'placement', 'position', 'key'] },
      {
        name: 'history_by_conversation',
        columns: ['holder', 'placement', 'conversation', 'position', 'key'],
      },
      { name: 'history_by_change', columns: ['holder', 'change', 'key'], where: 'change is not null' },
      { name: 'history_unnumbered', columns: ['holder'], where: 'change is null' },
    ],
  },
);

export const unreadMarkTable = table<UnreadMarkRow>('unread_mark', {
  holder: keyColumn('unread_mark_once'),
  placement: keyColumn('unread_mark_once', textColumn),
  key: keyColumn('unread_mark_once'),
  conversation: bytesColumn,
});

export const unreadUnmarkedTable = table<UnreadUnmarkedRow>('unread_unmarked', {
  holder: keyColumn('unread_unmarked_once'),
  placement: keyColumn('unread_unmarked_once', textColumn),
  key: keyColumn('unread_unmarked_once'),
});

export const pinTable = table<PinRow>(
  'pin',
  {
    holder: keyColumn('pin_one_per_message'),
    key: keyColumn('pin_one_per_message'),
    placement: keyColumn('pin_one_per_message', textColumn),
    statement: bytesColumn,
    conversation: bytesColumn,
    position: bigintColumn,
    is_pinned: booleanColumn,
    sealed: bytesColumn,
  },
  {
    indices: [
      { name: 'pin_by_statement', columns: ['holder', 'placement', 'statement'] },
      {
        name: 'pin_by_conversation',
        columns: ['holder', 'placement', 'conversation', 'position', 'key'],
        where: 'is_pinned',
      },
    ],
  },
);

export const changeCounterTable = table<ChangeCounterRow>('change_counter', {
  holder: keyColumn('change_counter_once'),
  last: bigintColumn,
});

export const changeEpochTable = table<ChangeEpochRow>('change_epoch', {
  holder: keyColumn('change_epoch_once'),
  first: keyColumn('change_epoch_once', bigintColumn),
  epoch: bytesColumn,
});

export const currentChangeEpochTable = table<CurrentChangeEpochRow>('current_change_epoch', {
  id: keyColumn('current_change_epoch_once', integerColumn),
  epoch: bytesColumn,
  server_started: { type: 'timestamp with time zone' },
});

/** The tables of histories, and the migrations that make them. */
export const historyDatabase: DatabaseParts = {
  entities: [
    historyTable,
    unreadMarkTable,
    unreadUnmarkedTable,
    pinTable,
    changeCounterTable,
    changeEpochTable,
    currentChangeEpochTable,
  ],
  migrations: [
    CreateHistory1763900200000,
    NumberChanges1764100100000,
    MarkUnread1764400000000,
    BeginEpochs1764500000000,
    TakeUnreadMarks1765060000000,
    CreatePins1765200000000,
  ],
};
