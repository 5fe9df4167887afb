import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Cursor,
  InvalidCursorError,
  type Page,
  parseAgentPubKey,
} from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { atHome } from '../home/at-home.js';
import { type ContactRow } from '../schema/tables.js';

const KEY_BYTES = 32;

export interface AgentsQuery {
  /** The `next` of the page before. */
  readonly after?: Cursor;
  readonly limit: number;
}

interface SealedAgentsParts {
  readonly db: DataSource;
  keysOf(agent: AgentPubKey): AgentKeys;
  readonly table: 'blocked_agent' | 'contact';
  /** Where names and sealed agents belong. */
  readonly domain: string;
}

/** Agents that each agent has noted, sealed with its own key: the disk shows how many, and not whom. */
export class SealedAgents {
  constructor(private readonly parts: SealedAgentsParts) {}

  /**
   * Repeatable. @param limit how many a holder may have. @returns false when it has so many already
   * @throws AgentOfflineError, AgentMovedError
   */
  async add(holder: AgentPubKey, agent: AgentPubKey, limit: number): Promise<boolean> {
    const { db, domain, table } = this.parts;
    const keys = this.parts.keysOf(holder);
    const sql = `
      insert into ${table} (holder, key, sealed) select $1, $2, $3
      where (select count(*) from ${table} where holder = $1) < ${limit}
      on conflict on constraint ${table}_once do nothing`;
    const sealed = keys.sealFixed(fromBase64Url(agent), domain);
    await atHome(() => db.query(sql, [...this.keyOf(keys, agent), sealed]));
    return this.has(holder, agent);
  }

  async count(holder: AgentPubKey): Promise<number> {
    const { db, table } = this.parts;
    const sql = `select count(*)::int as agents from ${table} where holder = $1`;
    const [row] = await db.query<{ agents: number }[]>(sql, [fromBase64Url(holder)]);
    return row?.agents ?? 0;
  }

  /** @throws AgentOfflineError */
  async has(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const { db, table } = this.parts;
    const sql = `select from ${table} where holder = $1 and key = $2`;
    return (await db.query<unknown[]>(sql, this.keyOf(this.parts.keysOf(holder), agent))).length > 0;
  }

  /** @returns false when there was none. @throws AgentOfflineError, AgentMovedError */
  async remove(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const { db, table } = this.parts;
    const sql = `delete from ${table} where holder = $1 and key = $2`;
    const key = this.keyOf(this.parts.keysOf(holder), agent);
    const [, removed] = await atHome(() => db.query<[unknown[], number]>(sql, key));
    return removed > 0;
  }

  /** In an order that means nothing. @throws InvalidCursorError, AgentOfflineError */
  async list(holder: AgentPubKey, { after, limit }: AgentsQuery): Promise<Page<AgentPubKey>> {
    const { db, table } = this.parts;
    const keys = this.parts.keysOf(holder);
    const rows = await db.query<ContactRow[]>(
      `select * from ${table} where holder = $1 and key > $2 order by key limit $3`,
      [fromBase64Url(holder), after === undefined ? new Uint8Array() : keyFrom(after), limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? toBase64Url(last.key) : null;
    const items = page.flatMap(({ sealed }) => this.agentIn(keys, sealed) ?? []);
    const unreadable = page.length - items.length;
    return { items, next, prev: null, ...(unreadable === 0 ? {} : { unreadable }) };
  }

  /** All that can be read, with keys that were opened: the holder need not be online. */
  async allOf(keys: AgentKeys): Promise<readonly AgentPubKey[]> {
    const { db, table } = this.parts;
    const sql = `select sealed from ${table} where holder = $1`;
    const rows = await db.query<Pick<ContactRow, 'sealed'>[]>(sql, [fromBase64Url(keys.agent)]);
    return rows.flatMap(({ sealed }) => this.agentIn(keys, sealed) ?? []);
  }

  /** As only the holder can name it. */
  nameOf(keys: AgentKeys, agent: AgentPubKey): Uint8Array {
    return keys.blind(this.parts.domain, fromBase64Url(agent));
  }

  private keyOf(keys: AgentKeys, agent: AgentPubKey): Uint8Array[] {
    return [fromBase64Url(keys.agent), this.nameOf(keys, agent)];
  }

  /** `null` when the row cannot be read. */
  private agentIn(keys: AgentKeys, sealed: Uint8Array): AgentPubKey | null {
    try {
      return parseAgentPubKey(toBase64Url(keys.openFixed(sealed, this.parts.domain)));
    } catch {
      return null;
    }
  }
}

/** @throws InvalidCursorError */
function keyFrom(cursor: Cursor): Uint8Array {
  try {
    const key = fromBase64Url(cursor);
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    throw new InvalidCursorError('this is not a cursor', { cause: error });
  }
  throw new InvalidCursorError('this is not a cursor');
}
