import {
  type DatabaseParts,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
} from '@musubi/database';
import {
  AddClonePeer1764000100000,
  CountCloneInvitations1764300200000,
  CreatePairwiseDht1763900300000,
} from './migrations.js';

/** A cloned cell, as its holder knows it. */
export interface CloneRow {
  readonly holder: Uint8Array;
  /** The peer, blinded by the holder's key. */
  readonly key: Uint8Array;
  /** Only enabled clones are written in, answer calls, and count against the holder's clone limit. */
  readonly is_enabled: boolean;
  /** The peer has accepted its invitation, so records can be brought to it. */
  readonly is_peer_joined: boolean;
  /** The holder's own membrane proof. */
  readonly proof: Uint8Array;
  /** The peer opened it. */
  readonly is_invited: boolean;
  /** The peer, for its holder to read. */
  readonly sealed: Uint8Array | null;
}

export const cloneTable = table<CloneRow>('clone', {
  holder: keyColumn('clone_one_per_pair'),
  key: keyColumn('clone_one_per_pair'),
  is_enabled: booleanColumn,
  is_peer_joined: booleanColumn,
  proof: bytesColumn,
  is_invited: booleanColumn,
  sealed: nullable(bytesColumn),
});

/** The holder's share of a clone's DHT: the peer's records, as they came. */
export interface IntegratedRecordRow {
  readonly space: Uint8Array;
  readonly holder: Uint8Array;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly record: Uint8Array;
}

export const integratedRecordTable = table<IntegratedRecordRow>('integrated_record', {
  space: keyColumn('integrated_record_one_per_seq'),
  holder: keyColumn('integrated_record_one_per_seq'),
  author: keyColumn('integrated_record_one_per_seq'),
  seq: keyColumn('integrated_record_one_per_seq', integerColumn),
  hash: bytesColumn,
  record: bytesColumn,
});

/** The tables of clones, and the migrations that make them. */
export const pairwiseDhtDatabase: DatabaseParts = {
  entities: [cloneTable, integratedRecordTable],
  migrations: [CreatePairwiseDht1763900300000, AddClonePeer1764000100000, CountCloneInvitations1764300200000],
};
