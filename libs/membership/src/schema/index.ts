import {
  type DatabaseParts,
  type TableColumns,
  bigintColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
} from '@musubi/database';
import { type Day } from '@musubi/messaging';
import { CreateMembership1764600100000, ShareCards1764810000000 } from './migrations.js';

/** The last record of an agent, as this node knows it. All but `arrival` is sealed or blinded with the node's secret. */
export interface AgentRecordRow {
  /** The agent, blinded. */
  readonly name: Uint8Array;
  readonly record: Uint8Array;
  /** Another record with the same seq. */
  readonly fork: Uint8Array | null;
  /** The node that told it, blinded; `null` for a record of this node's own. */
  readonly told_by: Uint8Array | null;
  /** How many agents of this node have taken it by a card. */
  readonly holds: number;
  /** Orders the rows by when they came; a bigint comes back as a string. */
  readonly arrival: string;
}

/** The last record of a node. Every node of the network has these. */
export interface NodeRecordRow extends AgentRecordRow {
  /** Days since 1970, by this node's clock. No time of day: which nodes talk when is nobody's business. */
  readonly contact_day: Day | null;
}

const columns = (constraint: string): TableColumns<AgentRecordRow> => ({
  name: keyColumn(constraint),
  record: bytesColumn,
  fork: nullable(bytesColumn),
  told_by: nullable(bytesColumn),
  holds: integerColumn,
  arrival: bigintColumn,
});

export const nodeRecordTable = table<NodeRecordRow>('node_record', {
  ...columns('node_record_one_per_node'),
  contact_day: nullable(integerColumn),
});

export const agentRecordTable = table<AgentRecordRow>('agent_record', columns('agent_record_one_per_agent'));

/** A card that an agent of this node has taken. All of it is blinded or sealed with the node's secret. */
export interface CardHoldRow {
  readonly holder: Uint8Array;
  /** The pair of holder and contact: the rows of two holders do not show that they know the same agent. */
  readonly pair: Uint8Array;
  /** The node of the card. */
  readonly node: Uint8Array;
}

export const cardHoldTable = table<CardHoldRow>('card_hold', {
  holder: keyColumn('card_hold_once'),
  pair: keyColumn('card_hold_once'),
  node: bytesColumn,
});

/** The tables of who is where, and the migration that makes them. */
export const membershipDatabase: DatabaseParts = {
  entities: [nodeRecordTable, agentRecordTable, cardHoldTable],
  migrations: [CreateMembership1764600100000, ShareCards1764810000000],
};
