import {
  type DatabaseParts,
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  table,
  textColumn,
} from '@musubi/database';
import { AddSessions1764100100000 } from './add-sessions.js';
import { CompareNicknames1764100700000 } from './compare-nicknames.js';
import { LetKeysExpire1764500000000 } from './let-keys-expire.js';
import { MakeAgentsWhole1764100200000 } from './make-agents-whole.js';
import { CreateApi1763900500000 } from './migrations.js';
import { OrderDirectory1764600000000 } from './order-directory.js';
import { CreateWriteMark1764820000000 } from './write-mark.js';

/** Who can be written to: public to every agent of the node. */
export interface DirectoryRow {
  readonly agent: Uint8Array;
  readonly nickname: string;
  /** What searches look at: the nickname without case and width (RFC 8266 §2.4). */
  readonly compared: string;
}

export const directoryTable = table<DirectoryRow>(
  'directory',
  { agent: keyColumn('directory_one_per_agent'), nickname: textColumn, compared: textColumn },
  { indices: [{ name: 'directory_by_compared', columns: ['compared', 'agent'] }] },
);

/** A session, by its token's hash: the token itself is known to its bearer only. */
export interface AccessTokenRow {
  readonly hash: Uint8Array;
  readonly agent: Uint8Array;
  /** Names the session to its agent. */
  readonly id: Uint8Array;
  /** The order in which sessions began; a bigint comes back as a string. */
  readonly seq: string;
  readonly is_attended: boolean;
  /** µs since the epoch, as the next. */
  readonly created_at: string;
  /** Not the last use, but one shortly before it. */
  readonly used_at: string;
}

export const accessTokenTable = table<AccessTokenRow>(
  'access_token',
  {
    hash: keyColumn('access_token_one_per_hash'),
    agent: bytesColumn,
    id: bytesColumn,
    seq: { ...bigintColumn, generated: 'increment' },
    is_attended: booleanColumn,
    created_at: bigintColumn,
    used_at: bigintColumn,
  },
  {
    uniques: { access_token_one_per_id: ['id'] },
    indices: [{ name: 'access_token_by_agent', columns: ['agent', 'seq'] }],
  },
);

/** The message that was saved under an Idempotency-Key: time, nonce and request hash, sealed by the agent. */
export interface IdempotencyKeyRow {
  readonly agent: Uint8Array;
  /** The key, blinded by the agent. */
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
  /** Spans of 30 days since the epoch, by the database's clock: no finer, since the row is sealed. */
  readonly period: number;
}

export const idempotencyKeyTable = table<IdempotencyKeyRow>(
  'idempotency_key',
  {
    agent: keyColumn('idempotency_key_once'),
    key: keyColumn('idempotency_key_once'),
    sealed: bytesColumn,
    period: integerColumn,
  },
  { indices: [{ name: 'idempotency_key_by_period', columns: ['period'] }] },
);

/** The agent that was made under an Idempotency-Key. */
export interface AgentCreationRow {
  /** The key, hashed under the node's secret. */
  readonly key: Uint8Array;
  /** The agent and a hash of the request, sealed under the node's secret. */
  readonly sealed: Uint8Array;
  /** µs since the epoch, by the database's clock: keys are kept for a day. A bigint comes back as a string. */
  readonly made_at: string;
}

export const agentCreationTable = table<AgentCreationRow>(
  'agent_creation',
  { key: keyColumn('agent_creation_once'), sealed: bytesColumn, made_at: bigintColumn },
  { indices: [{ name: 'agent_creation_by_time', columns: ['made_at'] }] },
);

/** One row: how far the node has written. A file beside the database has the same mark. */
export interface WriteMarkRow {
  readonly id: number;
  /** Of the database: the name of its file. */
  readonly name: Uint8Array;
  /** A bigint, as a string. */
  readonly mark: string;
}

export const writeMarkTable = table<WriteMarkRow>('write_mark', {
  id: keyColumn('write_mark_once', integerColumn),
  name: bytesColumn,
  mark: bigintColumn,
});

/** The tables of the service itself. */
export const apiDatabase: DatabaseParts = {
  entities: [directoryTable, accessTokenTable, idempotencyKeyTable, agentCreationTable, writeMarkTable],
  migrations: [
    CreateApi1763900500000,
    AddSessions1764100100000,
    MakeAgentsWhole1764100200000,
    CompareNicknames1764100700000,
    LetKeysExpire1764500000000,
    OrderDirectory1764600000000,
    CreateWriteMark1764820000000,
  ],
};
