import { type DatabaseParts, bytesColumn, keyColumn, table } from '@musubi/database';
import { CreateCountersigningSession1764000000000 } from './migrations.js';

/** A session that a cell takes part in: its chain is locked, and it may have promised to commit a message. */
export interface CountersigningSessionRow {
  readonly holder: Uint8Array;
  /** The message's id, blinded by the holder's key. */
  readonly key: Uint8Array;
  /** When it ends, and what was promised: sealed with the holder's key, so that no clock stands beside it. */
  readonly sealed: Uint8Array;
}

const countersigningSessionTable = table<CountersigningSessionRow>('countersigning_session', {
  holder: keyColumn('countersigning_session_once'),
  key: keyColumn('countersigning_session_once'),
  sealed: bytesColumn,
});

/** The table that the `countersigned` protocol needs; the other protocols need none. */
export const countersigningDatabase: DatabaseParts = {
  entities: [countersigningSessionTable],
  migrations: [CreateCountersigningSession1764000000000],
};
