import { type AgentFences, type Keyring } from '@musubi/cell';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql, transact } from '@musubi/database';
import { mailboxWatchTable } from '@musubi/global-dht';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type AgentTable, type TablesOfAgents, agentTable, tablesOfAgents } from '../tables/agent-tables.js';

/** Of rows that were read at once when an agent moved: a batch of some hundred rows takes milliseconds. */
const PAGES = 2.5;

interface AgentDeletionParts {
  readonly database: DataSource;
  readonly keyring: Pick<Keyring, 'forget'>;
  readonly fences: Pick<AgentFences, 'arrive' | 'isDeleted' | 'raiseForGood' | 'refresh'>;
  /** Tables of the service in which rows belong to agents. */
  readonly tables: readonly AgentTable[];
}

interface Batch {
  readonly found: number;
  readonly gone: number;
  readonly last: readonly unknown[] | undefined;
}

type DeletedRow = Readonly<Record<string, unknown>> & { readonly is_gone: boolean };

/** An agent whose key was opened. */
interface OpenedAgent {
  readonly agent: AgentPubKey;
  /** The key as it was stored then. */
  readonly stored: Uint8Array;
}

/**
 * Deletes agents with the rows that they hold on this node. It has one moment: from then on the fence stands, the key is
 * gone, and nobody can open the rows. They go afterwards, batch by batch.
 */
export class AgentDeletion {
  private readonly tables: TablesOfAgents;

  constructor(private readonly parts: AgentDeletionParts) {
    this.tables = tablesOfAgents([agentTable(mailboxWatchTable, 'holder'), ...parts.tables]);
  }

  /**
   * Raises the fence that stays, and removes the key. Waits for what is being written for the agent.
   * @param more is removed in the same transaction
   * @returns false, with nothing changed, when the key is under another seal by now, or the agent is fenced already
   */
  async begin(opened: OpenedAgent, more: (tx: Sql) => Promise<void>): Promise<boolean> {
    const { database, fences } = this.parts;
    const { agent } = opened;
    try {
      return await this.commit(opened, more);
    } catch (error) {
      // Where the connection broke, it may have been committed.
      if (await fences.isDeleted(database, agent)) return true;
      throw error;
    } finally {
      await fences.refresh(agent);
    }
  }

  /** Deleted agents of which rows may be left, also after a crash. */
  async unfinished(): Promise<readonly AgentPubKey[]> {
    const sql = 'select agent from agent_fence where is_clearing';
    const rows = await this.parts.database.query<{ agent: Uint8Array }[]>(sql);
    return rows.map(({ agent }) => parseAgentPubKey(toBase64Url(agent)));
  }

  /**
   * Deletes one batch after another until no row is left. What is interrupted goes on from where it was, and an agent that
   * another process clears just now is left to it.
   * @param finish what else goes, before the fence says that nothing is left
   */
  async clear(agent: AgentPubKey, signal: AbortSignal, finish: () => Promise<void>): Promise<void> {
    const owner = fromBase64Url(agent);
    // What is referred to goes after what refers to it; but chunks, which are large, go first and a few at a time.
    const ofHolder = [...this.tables.ofHolder].reverse().sort((one, other) => one.page - other.page);
    for (const table of ofHolder) if (!(await this.empty(table, [owner], signal))) return;
    // An index begins with the space. The heads tell the spaces, and so they go last.
    for (let spaces = await this.spacesOf(owner); spaces.length > 0; spaces = await this.spacesOf(owner))
      for (const space of spaces)
        for (const table of this.tables.ofSpaces)
          if (!(await this.empty(table, [owner, space], signal))) return;
    await finish();
    await this.parts.database.query('update agent_fence set is_clearing = false where agent = $1', [owner]);
  }

  private async spacesOf(owner: Uint8Array): Promise<readonly Uint8Array[]> {
    const sql = 'select space from chain_head where author = $1';
    const rows = await this.parts.database.query<{ space: Uint8Array }[]>(sql, [owner]);
    return rows.map(({ space }) => space);
  }

  private commit({ agent, stored }: OpenedAgent, more: (tx: Sql) => Promise<void>): Promise<boolean> {
    const { database, fences, keyring } = this.parts;
    return transact(database, async (tx) => {
      if (!(await fences.raiseForGood(tx, agent, stored))) return false;
      await keyring.forget(tx, agent);
      await more(tx);
      return true;
    });
  }

  /**
   * Until a look from the beginning finds nothing: a row that somebody writes just now may be passed over. No row comes after
   * that, since the fence stands. @returns false when it was interrupted
   */
  private async empty(
    table: AgentTable,
    scope: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean> {
    for (;;) {
      const pass = await this.passOver(table, scope, signal);
      if (pass === null) return false;
      if (pass.found === 0) return true;
      if (pass.gone === 0) throw new Error(`rows of ${table.name} are not deleted`);
    }
  }

  /** @returns `null` when it was interrupted, else how many rows it has seen and deleted */
  private async passOver(
    table: AgentTable,
    scope: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly gone: number } | null> {
    let [found, gone] = [0, 0];
    let after: readonly unknown[] | undefined = [];
    while (after !== undefined) {
      if (signal.aborted) return null;
      const batch = await this.deleteBatch(table, scope, after);
      if (batch === null) return null;
      found += batch.found;
      gone += batch.gone;
      after = batch.last;
    }
    return { found, gone };
  }

  /**
   * By the order of the primary key, each batch after the last one: from the beginning it would pass all rows that were deleted
   * before, which stay in table and index until a vacuum.
   * @returns the last row's place, unless there are no more; `null` when another process is at work, or was
   */
  private deleteBatch(
    table: AgentTable,
    scope: readonly Uint8Array[],
    after: readonly unknown[],
  ): Promise<Batch | null> {
    const { database, fences } = this.parts;
    const order = scope.length > 1 ? table.order.filter((column) => column !== 'space') : table.order;
    return transact(database, async (tx) => {
      const mine = await tx.query<unknown[]>(
        'select agent from agent_fence where agent = $1 and is_clearing for update skip locked',
        [scope[0]],
      );
      if (mine.length === 0) return null;
      // Triggers on some tables would refuse it as an act of the agent.
      await fences.arrive(tx);
      const sql = batchStatement(table, order, { isOfSpace: scope.length > 1, isFirst: after.length === 0 });
      const rows = await tx.query<DeletedRow[]>(sql, [...scope, ...after]);
      const last = rows.at(-1);
      const isMore = last !== undefined && order.length > 0 && rows.length === batchOf(table);
      const gone = rows.filter(({ is_gone: isGone }) => isGone).length;
      return {
        found: rows.length,
        gone,
        last: isMore ? order.map((column) => last[column]) : undefined,
      };
    });
  }
}

function batchOf({ page }: AgentTable): number {
  return Math.ceil(page * PAGES);
}

/** Deletes some rows in order, and tells their places, and which are gone. */
function batchStatement(
  table: AgentTable,
  order: readonly string[],
  { isFirst, isOfSpace }: { readonly isFirst: boolean; readonly isOfSpace: boolean },
): string {
  const { name, owner } = table;
  const fixed = isOfSpace ? 2 : 1;
  const inSpace = isOfSpace ? 'and space = $2' : '';
  const place = order.map((_, index) => `$${fixed + index + 1}`).join();
  const isAfter = isFirst ? '' : `and (${order.join()}) > (${place})`;
  const inOrder = order.length === 0 ? '' : `order by ${order.join()}`;
  const columns = ['ctid as stored_at', ...order].join();
  return `with some_rows as (
      select ${columns} from ${name} where ${owner} = $1 ${inSpace} ${isAfter} ${inOrder} limit ${batchOf(table)}),
    gone as (delete from ${name} where ctid = any(array(select stored_at from some_rows)) returning ctid as stored_at)
    select some_rows.*, stored_at in (select stored_at from gone) as is_gone from some_rows ${inOrder}`;
}
