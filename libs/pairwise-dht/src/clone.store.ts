import { atHome } from '@musubi/cell';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type Sql, transact } from '@musubi/database';
import { CloneDisabledError, CloneLimitReachedError, CloneNotFoundError } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type Clone } from './clone.js';
import { KnownClones } from './known-clones.js';
import { type Pair } from './pair.js';
import { type CloneRow } from './schema/index.js';

/** Where the holder's sealed note of a clone's peer belongs. */
export const CLONE_DOMAIN = 'musubi/clone/peer';

/** The part of the limit that is kept for clones that the holder opens: strangers cannot use it up. */
const RESERVE = 0.5;

interface CloneStoreOptions {
  /** How many enabled clones an agent may have; of these its peers may open half, rounded up. */
  readonly cloneLimit: number;
  /** No other process writes the database. */
  readonly ownsDatabase: boolean;
}

interface NewClone extends Omit<Clone, 'isPeerNoted'> {
  /** The peer opened it. */
  readonly isInvited: boolean;
  /** Whether the peer may open it, asked in the transaction that opens it: throws when it may not. */
  readonly admit?: (tx: Sql) => Promise<void>;
}

/** The cloned cells of this node's agents, for what is written and called in them. */
export class CloneStore {
  private readonly known = new KnownClones();

  constructor(
    readonly db: DataSource,
    private readonly options: CloneStoreOptions,
  ) {}

  /** `null` when the holder has none. @throws CloneDisabledError when it is switched off */
  find(keys: AgentKeys, pair: Pair): Promise<Clone | null> {
    const read = (): Promise<Clone | null> => this.read(keys, pair);
    return this.options.ownsDatabase ? this.known.read(keys, pair.peer, read) : read();
  }

  /**
   * Adds a clone unless the holder has it.
   * @throws CloneLimitReachedError, CloneDisabledError, what `admit` throws
   */
  open(keys: AgentKeys, pair: Pair, { admit, isInvited, ...clone }: NewClone): Promise<Clone> {
    const key = keyOf(keys, pair);
    return this.inTurn(keys, pair, async (tx) => {
      const known = await findEnabled(tx, key);
      if (known !== null) return known;
      await admit?.(tx);
      await this.requireRoom(tx, key, isInvited);
      await tx.query(
        `insert into clone (holder, key, is_enabled, is_peer_joined, proof, is_invited, sealed)
         values ($1, $2, true, $3, $4, $5, $6)`,
        [...key, clone.isPeerJoined, clone.proof, isInvited, notedPeer(keys, pair)],
      );
      return { ...clone, isPeerNoted: true };
    });
  }

  async markPeerJoined(keys: AgentKeys, pair: Pair): Promise<void> {
    const update = 'update clone set is_peer_joined = true where holder = $1 and key = $2';
    await this.writing(keys, pair, () => this.db.query(update, [...keyOf(keys, pair)]));
  }

  /** Repeats harmlessly. @throws CloneNotFoundError */
  async disable(keys: AgentKeys, pair: Pair): Promise<void> {
    await this.writing(keys, pair, () => this.switch(this.db, keyOf(keys, pair), false));
  }

  /** Repeats harmlessly. @throws CloneNotFoundError, CloneLimitReachedError */
  enable(keys: AgentKeys, pair: Pair): Promise<void> {
    const key = keyOf(keys, pair);
    return this.inTurn(keys, pair, async (tx) => {
      const row = await findRow(tx, key);
      if (row?.is_enabled === true) return;
      if (row !== undefined) await this.requireRoom(tx, key, row.is_invited);
      await this.switch(tx, key, true);
    });
  }

  /** Switches off all that peers opened. @returns how many there were */
  async disableInvited(keys: AgentKeys): Promise<number> {
    try {
      const sql = 'update clone set is_enabled = false where holder = $1 and is_enabled and is_invited';
      const [, disabled] = await atHome(() =>
        this.db.query<[unknown[], number]>(sql, [fromBase64Url(keys.agent)]),
      );
      return disabled;
    } finally {
      this.known.forgetAll(keys);
    }
  }

  /** What adds to a holder's enabled clones happens in turn, so that the limit holds under any number at once. */
  private inTurn<Result>(keys: AgentKeys, pair: Pair, work: (tx: Sql) => Promise<Result>): Promise<Result> {
    const locked = async (tx: Sql): Promise<Result> => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('clone:' || $1, 0))`, [keys.agent]);
      return work(tx);
    };
    return this.writing(keys, pair, () => transact(this.db, locked));
  }

  /** Whatever becomes of a write, what was known before it is not known any more. */
  private async writing<Result>(keys: AgentKeys, pair: Pair, work: () => Promise<Result>): Promise<Result> {
    try {
      return await atHome(work);
    } finally {
      this.known.forget(keys, pair.peer);
    }
  }

  private async read(keys: AgentKeys, pair: Pair): Promise<Clone | null> {
    const key = keyOf(keys, pair);
    const found = await findEnabled(this.db, key);
    if (found?.isPeerNoted !== false) return found;
    const note = 'update clone set sealed = $3 where holder = $1 and key = $2';
    await this.db.query(note, [...key, notedPeer(keys, pair)]);
    return { ...found, isPeerNoted: true };
  }

  private async switch(db: Sql, key: readonly Uint8Array[], isEnabled: boolean): Promise<void> {
    const [, switched] = await db.query<[unknown[], number]>(
      'update clone set is_enabled = $3 where holder = $1 and key = $2',
      [...key, isEnabled],
    );
    if (switched === 0) throw new CloneNotFoundError('this agent has no clone with this peer');
  }

  /** Peers may take no more than their share: the rest is the holder's, for the clones that it opens. */
  private async requireRoom(tx: Sql, [holder]: readonly Uint8Array[], isInvited: boolean): Promise<void> {
    const [row] = await tx.query<{ clones: number; invited: number }[]>(
      `select count(*)::int as clones, (count(*) filter (where is_invited))::int as invited
       from clone where holder = $1 and is_enabled`,
      [holder],
    );
    const { clones, invited } = row ?? { clones: 0, invited: 0 };
    const { cloneLimit } = this.options;
    if (clones >= cloneLimit)
      throw new CloneLimitReachedError(`this agent has its ${cloneLimit} clones already`);
    const share = cloneLimit - Math.floor(cloneLimit * RESERVE);
    if (isInvited && invited >= share) {
      throw new CloneLimitReachedError(`this agent has the ${share} clones already that peers may open`);
    }
  }
}

async function findRow(db: Sql, key: readonly Uint8Array[]): Promise<CloneRow | undefined> {
  const [row] = await db.query<CloneRow[]>('select * from clone where holder = $1 and key = $2', [...key]);
  return row;
}

async function findEnabled(db: Sql, key: readonly Uint8Array[]): Promise<Clone | null> {
  const row = await findRow(db, key);
  if (row === undefined) return null;
  if (!row.is_enabled) throw new CloneDisabledError('this clone is switched off');
  return { isPeerJoined: row.is_peer_joined, proof: row.proof, isPeerNoted: row.sealed !== null };
}

function notedPeer(keys: AgentKeys, { peer }: Pair): Uint8Array {
  return keys.sealFixed(fromBase64Url(peer), CLONE_DOMAIN);
}

/** Where a clone's row is: its holder, and its peer as only the holder can name it. */
export function keyOf(keys: AgentKeys, { peer }: Pair): readonly Uint8Array[] {
  return [fromBase64Url(keys.agent), keys.blind('musubi/clone', fromBase64Url(peer))];
}
