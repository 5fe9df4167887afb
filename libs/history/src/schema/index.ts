import {
  type DatabaseParts,
  bigintColumn,
  booleanColumn,
  bytesColumn,
  keyColumn,
  table,
  textColumn,
} from '@musubi/database';
import { CreateHistory1763900200000 } from './migrations.js';

/**
 * A message in its holder's own store. Without the holder's key a row tells how many messages it has, in what
 * order, and which are of one conversation; not with whom, nor when.
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
  readonly is_unread: boolean;
  /** The holder's tombstone: not shown any more, and not received again. */
  readonly is_deleted: boolean;
  readonly sealed: Uint8Array;
}

export const historyTable = table<HistoryRow>(
  'history',
  {
    holder: keyColumn('history_message_once'),
    placement: keyColumn('history_message_once', textColumn),
    key: keyColumn('history_message_once'),
    conversation: bytesColumn,
    position: bigintColumn,
    is_unread: booleanColumn,
    is_deleted: booleanColumn,
    sealed: bytesColumn,
  },
  {
    indices: [
      { name: 'history_by_position', columns: ['holder', 'placement', 'position', 'key'] },
      {
        name: 'history_by_conversation',
        columns: ['holder', 'placement', 'conversation', 'position', 'key'],
      },
      { name: 'history_unread', columns: ['holder', 'placement', 'conversation'], where: 'is_unread' },
    ],
  },
);

/** The tables of histories, and the migrations that make them. */
export const historyDatabase: DatabaseParts = {
  entities: [historyTable],
  migrations: [CreateHistory1763900200000],
};
