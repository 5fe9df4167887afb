import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
  textColumn,
} from '@musubi/database';

/** An agent's seed, sealed under its passphrase (attended) or under the node's key. */
export interface AgentKeyRow {
  readonly agent: Uint8Array;
  readonly sealed: Uint8Array;
  readonly is_attended: boolean;
}

export const agentKeyTable = table<AgentKeyRow>('agent_key', {
  agent: keyColumn('agent_key_one_per_agent'),
  sealed: bytesColumn,
  is_attended: booleanColumn,
});

/** An agent of which nothing is written here any more: it is moving to another node, lives there, or was deleted. */
export interface AgentFenceRow {
  readonly agent: Uint8Array;
  /** It lives on another node. Else it is leaving, and its record names this node still. */
  readonly is_moved: boolean;
  /** Of the record by which it moves; a string, as a bigint is. */
  readonly seq: string;
  /** It was deleted: this row stays for good. */
  readonly is_deleted: boolean;
  /** Of a deleted agent: rows of it may be left, and are still being deleted. */
  readonly is_clearing: boolean;
}

export const agentFenceTable = table<AgentFenceRow>('agent_fence', {
  agent: keyColumn('agent_fence_one_per_agent'),
  is_moved: booleanColumn,
  seq: bigintColumn,
  is_deleted: booleanColumn,
  is_clearing: booleanColumn,
});

/** Where the next action of a chain goes: the row that writers of one chain contend for. */
interface ChainHeadRow {
  readonly space: Uint8Array;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly hash: Uint8Array;
}

export const chainHeadTable = table<ChainHeadRow>('chain_head', {
  space: keyColumn('chain_head_one_per_chain'),
  author: keyColumn('chain_head_one_per_chain'),
  seq: integerColumn,
  hash: bytesColumn,
});

/** One action: public in its space, whatever its entry is. */
export interface ActionRow {
  readonly space: Uint8Array;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly prev_hash: Uint8Array | null;
  readonly hash: Uint8Array;
  /** µs since the epoch; a bigint comes back as a string. */
  readonly at: string;
  readonly type: string;
  readonly entry_hash: Uint8Array | null;
  readonly entry_type: string | null;
  readonly visibility: string | null;
  readonly base: Uint8Array | null;
  readonly target: Uint8Array | null;
  readonly tag: Uint8Array | null;
  /** Of genesis actions: the DNA's hash, or the membrane proof. */
  readonly proof: Uint8Array | null;
  readonly signature: Uint8Array;
}

export const actionTable = table<ActionRow>(
  'action',
  {
    space: keyColumn('action_one_per_seq'),
    author: keyColumn('action_one_per_seq'),
    seq: keyColumn('action_one_per_seq', integerColumn),
    prev_hash: nullable(bytesColumn),
    hash: bytesColumn,
    at: bigintColumn,
    type: textColumn,
    entry_hash: nullable(bytesColumn),
    entry_type: nullable(textColumn),
    visibility: nullable(textColumn),
    base: nullable(bytesColumn),
    target: nullable(bytesColumn),
    tag: nullable(bytesColumn),
    proof: nullable(bytesColumn),
    signature: bytesColumn,
  },
  { uniques: { action_one_per_prev: ['space', 'author', 'prev_hash'] } },
);

/** The author's own store: private bodies sealed with its key, public ones as they are published. */
interface ChainEntryRow {
  readonly space: Uint8Array;
  readonly author: Uint8Array;
  readonly hash: Uint8Array;
  readonly body: Uint8Array;
}

export const chainEntryTable = table<ChainEntryRow>('chain_entry', {
  space: keyColumn('chain_entry_one_per_hash'),
  author: keyColumn('chain_entry_one_per_hash'),
  hash: keyColumn('chain_entry_one_per_hash'),
  body: bytesColumn,
});

/** A published entry, held by the authorities of its hash. */
export interface DhtEntryRow {
  readonly space: Uint8Array;
  readonly hash: Uint8Array;
  readonly body: Uint8Array;
}

export const dhtEntryTable = table<DhtEntryRow>('dht_entry', {
  space: keyColumn('dht_entry_one_per_hash'),
  hash: keyColumn('dht_entry_one_per_hash'),
  body: bytesColumn,
});

/** A published link, held by the authorities of its base. */
export interface DhtLinkRow {
  readonly space: Uint8Array;
  readonly base: Uint8Array;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly target: Uint8Array;
  readonly tag: Uint8Array;
  readonly hash: Uint8Array;
}

export const dhtLinkTable = table<DhtLinkRow>('dht_link', {
  space: keyColumn('dht_link_one_per_action'),
  base: keyColumn('dht_link_one_per_action'),
  author: keyColumn('dht_link_one_per_action'),
  seq: keyColumn('dht_link_one_per_action', integerColumn),
  target: bytesColumn,
  tag: bytesColumn,
  hash: bytesColumn,
});

/**
 * What is published is filed under the period in which it was: the row of the highest number is the one that runs. A
 * period ends when the day changes, whichever way the clock went.
 */
interface DhtPeriodRow {
  readonly number: number;
  /** The day on which it began, by the clock of the process that began it. */
  readonly day: number;
}

export const dhtPeriodTable = table<DhtPeriodRow>('dht_period', {
  number: keyColumn('dht_period_once', integerColumn),
  day: integerColumn,
});

/** In that period links were published whose actions show that day. */
interface DhtDayRow {
  readonly space: Uint8Array;
  readonly period: number;
  readonly day: number;
}

export const dhtDayTable = table<DhtDayRow>('dht_day', {
  space: keyColumn('dht_day_once'),
  period: keyColumn('dht_day_once', integerColumn),
  day: keyColumn('dht_day_once', integerColumn),
});

/** A link that was newly published. Unlogged, and gone some minutes later: it is there for readers that miss a push. */
export interface DhtArrivalRow {
  /** The number of the transaction that published it; a bigint comes back as a string. */
  readonly transaction: string;
  readonly author: Uint8Array;
  readonly seq: number;
  readonly base: Uint8Array;
}

export const dhtArrivalTable = table<DhtArrivalRow>('dht_arrival', {
  transaction: keyColumn('dht_arrival_once', bigintColumn),
  author: keyColumn('dht_arrival_once'),
  seq: keyColumn('dht_arrival_once', integerColumn),
  base: bytesColumn,
});

/** The one row says which arrivals there are: a reader that is behind it has missed some. Unlogged as they are. */
export interface DhtFeedRow {
  /** Another one after the arrivals were lost: the number of the transaction that began it. */
  readonly epoch: string;
  /** Arrivals of transactions before this one may be gone. */
  readonly trimmed: string;
}

export const dhtFeedTable = table<DhtFeedRow>('dht_feed', {
  epoch: keyColumn('dht_feed_once', bigintColumn),
  trimmed: bigintColumn,
});

/** An agent whom the holder knows: one of another node whose card it has taken, or one of this node. */
export interface ContactRow {
  readonly holder: Uint8Array;
  /** The agent, blinded by the holder. */
  readonly key: Uint8Array;
  /** The agent, sealed by the holder. */
  readonly sealed: Uint8Array;
}

export const contactTable = table<ContactRow>('contact', {
  holder: keyColumn('contact_once'),
  key: keyColumn('contact_once'),
  sealed: bytesColumn,
});

/** What the holder has noted of a contact. */
export interface ContactDetailRow {
  readonly holder: Uint8Array;
  /** Of the contact. */
  readonly key: Uint8Array;
  /** Whether the contact sees that its messages were read; `null`: as for everybody. */
  readonly is_told: boolean | null;
  /** The holder's name for it, sealed by the holder. */
  readonly petname: Uint8Array | null;
}

export const contactDetailTable = table<ContactDetailRow>('contact_detail', {
  holder: keyColumn('contact_detail_once'),
  key: keyColumn('contact_detail_once'),
  is_told: nullable(booleanColumn),
  petname: nullable(bytesColumn),
});

/** An agent that may not write to the holder. */
export type BlockedAgentRow = ContactRow;

export const blockedAgentTable = table<BlockedAgentRow>('blocked_agent', {
  holder: keyColumn('blocked_agent_once'),
  key: keyColumn('blocked_agent_once'),
  sealed: bytesColumn,
});

/** What an agent has set; one that has set nothing has no row. */
export interface AgentSettingRow {
  readonly holder: Uint8Array;
  readonly who_may_write: string;
}

export const agentSettingTable = table<AgentSettingRow>('agent_setting', {
  holder: keyColumn('agent_setting_one_per_holder'),
  who_may_write: textColumn,
});

/** Whether an agent tells authors that it has read; one that has set nothing has no row, and does. */
interface ReadingSettingRow {
  readonly holder: Uint8Array;
  readonly is_told: boolean;
}

export const readingSettingTable = table<ReadingSettingRow>('reading_setting', {
  holder: keyColumn('reading_setting_one_per_holder'),
  is_told: booleanColumn,
});
