import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  CloneNotFoundError,
  type Cursor,
  InvalidCursorError,
  type Page,
  parseAgentPubKey,
} from '@musubi/messaging';
import { type KeySource } from '@musubi/receipts';
import { CLONE_DOMAIN, type CloneStore, keyOf } from './clone.store.js';
import { pairOf } from './pair.js';
import { type CloneRow } from './schema/index.js';

export const CLONE_STATES = ['invited', 'joined', 'primed', 'disabled'] as const;

/**
 * Where a clone stands, as its holder knows it. `invited`: opened by the holder, and the peer has not joined;
 * `joined`: both have their genesis in it; `primed`: records of the peer's are in the holder's share; `disabled`:
 * switched off by its holder, whatever it was before, and again once it is enabled.
 */
export type CloneState = (typeof CLONE_STATES)[number];

/** One of a holder's cloned cells. */
export interface PeerClone {
  readonly peer: AgentPubKey;
  readonly state: CloneState;
}

export interface CloneQuery {
  /** The `next` of the page before. */
  readonly after?: Cursor;
  readonly limit: number;
}

/**
 * What an agent sees of its clones, and decides about them. A disabled clone is not written in and answers nobody;
 * its messages stay readable, what the peer sends waits at the peer, and it takes no place under the clone limit.
 */
export class Clones {
  constructor(
    private readonly store: CloneStore,
    private readonly keys: KeySource,
  ) {}

  /** @throws CloneNotFoundError, AgentOfflineError */
  async find(holder: AgentPubKey, peer: AgentPubKey): Promise<PeerClone> {
    const keys = this.keys.keysOf(holder);
    const [row] = await this.store.db.query<CloneRow[]>(
      'select * from clone where holder = $1 and key = $2',
      [...keyOf(keys, pairOf(keys, peer))],
    );
    if (row === undefined) throw new CloneNotFoundError('this agent has no clone with this peer');
    return this.viewOf(keys, peer, row);
  }

  /** All of them, whatever their state, in an order that means nothing. @throws InvalidCursorError, AgentOfflineError */
  async list(holder: AgentPubKey, { after, limit }: CloneQuery): Promise<Page<PeerClone>> {
    const keys = this.keys.keysOf(holder);
    const rows = await this.store.db.query<CloneRow[]>(
      'select * from clone where holder = $1 and key > $2 and sealed is not null order by key limit $3',
      [fromBase64Url(holder), after === undefined ? new Uint8Array() : keyFrom(after), limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? toBase64Url(last.key) : null;
    return {
      items: await Promise.all(page.map((row) => this.viewOf(keys, peerOf(keys, row), row))),
      next,
      prev: null,
    };
  }

  /** Switches it off. Repeats harmlessly. @throws CloneNotFoundError, AgentOfflineError */
  async disable(holder: AgentPubKey, peer: AgentPubKey): Promise<PeerClone> {
    const keys = this.keys.keysOf(holder);
    await this.store.disable(keys, pairOf(keys, peer));
    return this.find(holder, peer);
  }

  /** Repeats harmlessly. @throws CloneNotFoundError, CloneLimitReachedError, AgentOfflineError */
  async enable(holder: AgentPubKey, peer: AgentPubKey): Promise<PeerClone> {
    const keys = this.keys.keysOf(holder);
    await this.store.enable(keys, pairOf(keys, peer));
    return this.find(holder, peer);
  }

  private async viewOf(keys: AgentKeys, peer: AgentPubKey, row: CloneRow): Promise<PeerClone> {
    if (!row.is_enabled) return { peer, state: 'disabled' };
    if (!row.is_peer_joined) return { peer, state: 'invited' };
    return { peer, state: (await this.isPrimed(keys, peer)) ? 'primed' : 'joined' };
  }

  /** An agent's clone with itself has nobody to wait for. */
  private async isPrimed(keys: AgentKeys, peer: AgentPubKey): Promise<boolean> {
    if (peer === keys.agent) return true;
    const rows = await this.store.db.query<unknown[]>(
      'select 1 from integrated_record where space = $1 and holder = $2 and author = $3 limit 1',
      [pairOf(keys, peer).space, keys.agent, peer].map(fromBase64Url),
    );
    return rows.length === 1;
  }
}

function peerOf(keys: AgentKeys, { sealed }: CloneRow): AgentPubKey {
  return parseAgentPubKey(toBase64Url(keys.openFixed(sealed ?? new Uint8Array(), CLONE_DOMAIN)));
}

const KEY_BYTES = 32;

/** A cursor is a blinded key: it tells its holder nothing, and another holder's leads nowhere in particular. */
function keyFrom(cursor: Cursor): Uint8Array {
  try {
    const key = fromBase64Url(cursor);
    if (key.length === KEY_BYTES) return key;
  } catch {
    // Falls through: text that is no base64url is no cursor either.
  }
  throw new InvalidCursorError('this is not a cursor');
}
