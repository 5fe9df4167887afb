import { atHome } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { CARD_SHARE } from '@musubi/membership';
import {
  type AgentPubKey,
  type Cursor,
  InvalidCursorError,
  type Page,
  parseAgentPubKey,
} from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { type ServiceNode } from '../node/service-node.js';
import { DATABASE, NODE } from '../node/tokens.js';
import { type ContactRow } from '../schema/index.js';

const DOMAIN = 'musubi/contact';
const KEY_BYTES = 32;
/** Of one agent. */
export const CONTACT_LIMIT = CARD_SHARE;
/** Pairs that were found once, and that only their holder ends. */
const REMEMBERED = 10_000;

export interface ContactQuery {
  /** The `next` of the page before. */
  readonly after?: Cursor;
  readonly limit: number;
}

/** Whose cards each agent has taken, sealed with that agent's key: the disk shows how many, and not whose. */
@Injectable()
export class ContactStore {
  private readonly known = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly db: DataSource,
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'keyring'>,
  ) {}

  /** Repeatable. @returns false when the holder has as many as it may. @throws AgentOfflineError */
  async add(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const keys = this.node.keyring.keysOf(holder);
    const bytes = fromBase64Url(agent);
    const sql = `
      insert into contact (holder, key, sealed) select $1, $2, $3
      where (select count(*) from contact where holder = $1) < ${CONTACT_LIMIT}
      on conflict on constraint contact_once do nothing`;
    await atHome(() => this.db.query(sql, [...nameOf(keys, agent), keys.sealFixed(bytes, DOMAIN)]));
    return this.has(holder, agent);
  }

  /** Whether `add` would do. @throws AgentOfflineError */
  async hasRoom(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    if (await this.has(holder, agent)) return true;
    const sql = 'select count(*)::int as contacts from contact where holder = $1';
    const [row] = await this.db.query<{ contacts: number }[]>(sql, [fromBase64Url(holder)]);
    return (row?.contacts ?? 0) < CONTACT_LIMIT;
  }

  /** @throws AgentOfflineError */
  async has(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const pair = `${holder} ${agent}`;
    if (this.known.has(pair)) return true;
    const sql = 'select from contact where holder = $1 and key = $2';
    const found = await this.db.query<unknown[]>(sql, nameOf(this.node.keyring.keysOf(holder), agent));
    if (found.length === 0) return false;
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.add(pair);
    return true;
  }

  /** @returns false when there was none. @throws AgentOfflineError */
  async remove(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    const name = nameOf(this.node.keyring.keysOf(holder), agent);
    const [, removed] = await this.db.query<[unknown[], number]>(
      'delete from contact where holder = $1 and key = $2',
      name,
    );
    this.known.delete(`${holder} ${agent}`);
    return removed > 0;
  }

  /** In an order that means nothing. @throws InvalidCursorError, AgentOfflineError */
  async list(holder: AgentPubKey, { after, limit }: ContactQuery): Promise<Page<AgentPubKey>> {
    const keys = this.node.keyring.keysOf(holder);
    const rows = await this.db.query<ContactRow[]>(
      'select * from contact where holder = $1 and key > $2 order by key limit $3',
      [fromBase64Url(holder), after === undefined ? new Uint8Array() : keyFrom(after), limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? toBase64Url(last.key) : null;
    const items = page.flatMap(({ sealed }) => agentIn(keys, sealed) ?? []);
    const unreadable = page.length - items.length;
    return { items, next, prev: null, ...(unreadable === 0 ? {} : { unreadable }) };
  }
}

/** `null` when the row cannot be read. */
function agentIn(keys: AgentKeys, sealed: Uint8Array): AgentPubKey | null {
  try {
    return parseAgentPubKey(toBase64Url(keys.openFixed(sealed, DOMAIN)));
  } catch {
    return null;
  }
}

function nameOf(keys: AgentKeys, agent: AgentPubKey): Uint8Array[] {
  return [fromBase64Url(keys.agent), keys.blind(DOMAIN, fromBase64Url(agent))];
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
