import { type AgentKeys, InvalidKeyError, fromBase64Url, toBase64Url } from '@musubi/crypto';
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
import { type Pair, pairOf } from './pair.js';
import { type CloneRow } from './schema/index.js';

export const CLONE_STATES = ['invited', 'joined', 'primed', 'disabled'] as const;

/**
 * Where a clone stands, as its holder knows it. `invited`: opened by the holder, and the peer has not joined;
 * `joined`: both have their genesis in it; `primed`: records of the peer's are in the holder's share; `disabled`:
 * switched off by its holder, whatever it was before, and again once it is enabled.
 */
export type CloneState = (typeof CLONE_STATES)[number];

/** One of a holder's cloned cells. */
interface PeerClone {
  readonly peer: AgentPubKey;
  readonly state: CloneState;
}

interface CloneQuery {
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
    return this.findWith(this.keys.keysOf(holder), peer);
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
    const readable = page.flatMap((row) => {
      const peer = peerOf(keys, row);
      return peer === null ? [] : [{ peer, row }];
    });
    const primed = await this.primedOf(
      keys,
      readable.map(({ peer }) => peer),
    );
    const items = readable.map(({ peer, row }) => viewOf(row, peer, primed.has(peer)));
    const unreadable = page.length - items.length;
    return { items, next, prev: null, ...(unreadable === 0 ? {} : { unreadable }) };
  }

  /** Switches it off. Repeats harmlessly. @throws CloneNotFoundError, AgentOfflineError */
  async disable(holder: AgentPubKey, peer: AgentPubKey): Promise<PeerClone> {
    const keys = this.keys.keysOf(holder);
    await this.store.disable(keys, pairWith(keys, peer));
    return this.findWith(keys, peer);
  }

  /** Repeats harmlessly. @throws CloneNotFoundError, CloneLimitReachedError, AgentOfflineError */
  async enable(holder: AgentPubKey, peer: AgentPubKey): Promise<PeerClone> {
    const keys = this.keys.keysOf(holder);
    await this.store.enable(keys, pairWith(keys, peer));
    return this.findWith(keys, peer);
  }

  /** Switches off all that peers opened. @returns how many there were @throws AgentOfflineError */
  disableOpenedByPeers(holder: AgentPubKey): Promise<number> {
    return this.store.disableInvited(this.keys.keysOf(holder));
  }

  /** With keys that the caller holds, whatever has become of their agent meanwhile. */
  private async findWith(keys: AgentKeys, peer: AgentPubKey): Promise<PeerClone> {
    const [row] = await this.store.db.query<CloneRow[]>(
      'select * from clone where holder = $1 and key = $2',
      [...keyOf(keys, pairWith(keys, peer))],
    );
    if (row === undefined) throw new CloneNotFoundError('this agent has no clone with this peer');
    return viewOf(row, peer, (await this.primedOf(keys, [peer])).has(peer));
  }

  /** With which of the peers records of theirs have come; an agent's clone with itself has nobody to wait for. */
  private async primedOf(keys: AgentKeys, peers: readonly AgentPubKey[]): Promise<ReadonlySet<AgentPubKey>> {
    const rows = await this.store.db.query<{ author: Uint8Array }[]>(
      `select author from unnest($2::bytea[], $3::bytea[]) as pair (space, author)
       where exists (select 1 from integrated_record
                     where space = pair.space and holder = $1 and author = pair.author)`,
      [
        fromBase64Url(keys.agent),
        peers.map((peer) => fromBase64Url(pairOf(keys, peer).space)),
        peers.map(fromBase64Url),
      ],
    );
    return new Set([keys.agent, ...rows.map(({ author }) => parseAgentPubKey(toBase64Url(author)))]);
  }
}

/** @throws CloneNotFoundError for a peer's key that is no point of the curve: nobody can have opened that clone */
function pairWith(keys: AgentKeys, peer: AgentPubKey): Pair {
  try {
    return pairOf(keys, peer);
  } catch (error) {
    if (!(error instanceof InvalidKeyError)) throw error;
    throw new CloneNotFoundError('this agent has no clone with this peer', { cause: error });
  }
}

function viewOf(row: CloneRow, peer: AgentPubKey, isPrimed: boolean): PeerClone {
  return { peer, state: stateOf(row, isPrimed) };
}

function stateOf({ is_enabled, is_peer_joined }: CloneRow, isPrimed: boolean): CloneState {
  if (!is_enabled) return 'disabled';
  if (!is_peer_joined) return 'invited';
  return isPrimed ? 'primed' : 'joined';
}

/** `null` when the row cannot be read. */
function peerOf(keys: AgentKeys, { sealed }: CloneRow): AgentPubKey | null {
  try {
    return parseAgentPubKey(toBase64Url(keys.openFixed(sealed ?? new Uint8Array(), CLONE_DOMAIN)));
  } catch {
    return null;
  }
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
