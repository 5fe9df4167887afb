import {
  actionTable,
  agentSettingTable,
  blockedAgentTable,
  chainEntryTable,
  chainHeadTable,
  contactDetailTable,
  contactTable as knownAgentTable,
  readingSettingTable,
  fileChunkTable,
  fileTable,
  fileUseTable,
} from '@musubi/cell';
import { RowsStatement } from '@musubi/database';
import { outboxTable } from '@musubi/delivery';
import { mailboxContactTable } from '@musubi/global-dht';
import {
  changeCounterTable,
  changeEpochTable,
  historyTable,
  pinTable,
  unreadMarkTable,
  unreadUnmarkedTable,
} from '@musubi/history';
import { cloneTable, integratedRecordTable } from '@musubi/pairwise-dht';
import { receiptTable } from '@musubi/receipts';
import { type EntitySchema } from 'typeorm';

/** A table in which rows belong to agents, as a file has it. */
export interface AgentTable {
  readonly name: string;
  /** The column that names the agent, or one of the names under which it writes. */
  readonly owner: string;
  readonly columns: readonly string[];
  /** Of the primary key, the owner apart, with their types. */
  readonly order: readonly string[];
  readonly insert: RowsStatement;
  /** How many rows are read at once. */
  readonly page: number;
}

/** At once in memory. A row has some 400 kB at most, and rarely more than 2. */
export const PAGE = 200;
/** Of chunks, which have a quarter of a megabyte each. */
const CHUNKS_A_PAGE = 8;

/**
 * @param owner names the agent in each row
 * @param page of rows that are read at once; 200 when absent
 */
export function agentTable<Row>({ options }: EntitySchema<Row>, owner: string, page = PAGE): AgentTable {
  const all = Object.entries<{ type?: unknown; primary?: boolean } | undefined>(options.columns);
  const columns = all.map(([column]) => column);
  const arrays = all.map(([, column], index) => `$${index + 1}::${String(column?.type)}[]`);
  const order = all.flatMap(([name, column]) => (column?.primary === true && name !== owner ? [name] : []));
  const { name } = options;
  const insert = new RowsStatement(
    `insert into ${name} (${columns.join()}) select * from unnest(${arrays.join()})`,
  );
  return { name, owner, columns, order, insert, page };
}

/** The first in each file: it tells under which names letters were written. */
export const contactTable = agentTable(mailboxContactTable, 'holder');
export const headTable = agentTable(chainHeadTable, 'author');
export const chainActionTable = agentTable(actionTable, 'author');
const entryTable = agentTable(chainEntryTable, 'author');
const recordTable = agentTable(integratedRecordTable, 'holder');

/** Rows of the agent itself, found by its key. What has links between agents of one node only stays: see ADR 0044. */
const OF_HOLDER: readonly AgentTable[] = [
  agentTable(cloneTable, 'holder'),
  agentTable(historyTable, 'holder'),
  agentTable(pinTable, 'holder'),
  agentTable(receiptTable, 'holder'),
  agentTable(unreadMarkTable, 'holder'),
  agentTable(unreadUnmarkedTable, 'holder'),
  agentTable(outboxTable, 'holder'),
  agentTable(changeCounterTable, 'holder'),
  agentTable(changeEpochTable, 'holder'),
  agentTable(knownAgentTable, 'holder'),
  agentTable(blockedAgentTable, 'holder'),
  agentTable(agentSettingTable, 'holder'),
  agentTable(contactDetailTable, 'holder'),
  agentTable(readingSettingTable, 'holder'),
  // What the others refer to comes first.
  agentTable(fileTable, 'holder'),
  agentTable(fileChunkTable, 'holder', CHUNKS_A_PAGE),
  agentTable(fileUseTable, 'holder'),
];

export interface TablesOfAgents {
  readonly ofHolder: readonly AgentTable[];
  /** In whose rows a space says where to look. */
  readonly ofSpaces: readonly AgentTable[];
  readonly byName: ReadonlyMap<string, AgentTable>;
}

/** @param more tables of the service */
export function tablesOfAgents(more: readonly AgentTable[]): TablesOfAgents {
  const ofHolder = [contactTable, ...OF_HOLDER, ...more];
  // The heads come last: they are held against the actions.
  const ofSpaces = [chainActionTable, entryTable, recordTable, headTable];
  const byName = new Map([...ofHolder, ...ofSpaces].map((table) => [table.name, table]));
  return { ofHolder, ofSpaces, byName };
}
