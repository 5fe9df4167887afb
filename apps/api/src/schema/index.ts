import { type DatabaseParts, bytesColumn, keyColumn, table, textColumn } from '@musubi/database';
import { CreateApi1763900500000 } from './migrations.js';

/** Who can be written to: public to every agent of the node. */
export interface DirectoryRow {
  readonly agent: Uint8Array;
  readonly nickname: string;
}

export const directoryTable = table<DirectoryRow>(
  'directory',
  { agent: keyColumn('directory_one_per_agent'), nickname: textColumn },
  { indices: [{ name: 'directory_by_nickname', columns: ['nickname', 'agent'] }] },
);

/** A token's hash: the token itself is known to its bearer only. */
export interface AccessTokenRow {
  readonly hash: Uint8Array;
  readonly agent: Uint8Array;
}

export const accessTokenTable = table<AccessTokenRow>(
  'access_token',
  { hash: keyColumn('access_token_one_per_hash'), agent: bytesColumn },
  { indices: [{ name: 'access_token_by_agent', columns: ['agent'] }] },
);

/** What an Idempotency-Key was first used for: time, nonce and request hash, sealed by the agent. */
export interface IdempotencyKeyRow {
  readonly agent: Uint8Array;
  /** The key, blinded by the agent. */
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
}

export const idempotencyKeyTable = table<IdempotencyKeyRow>('idempotency_key', {
  agent: keyColumn('idempotency_key_once'),
  key: keyColumn('idempotency_key_once'),
  sealed: bytesColumn,
});

/** The tables of the service itself. */
export const apiDatabase: DatabaseParts = {
  entities: [directoryTable, accessTokenTable, idempotencyKeyTable],
  migrations: [CreateApi1763900500000],
};
