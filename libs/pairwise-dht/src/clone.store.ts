import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { transact } from '@musubi/database';
import { CloneLimitReachedError } from '@musubi/messaging';
import { type DataSource, type EntityManager } from 'typeorm';
import { type Pair } from './pair.js';
import { type CloneRow } from './schema/index.js';

export interface Clone {
  readonly isEnabled: boolean;
  readonly isPeerJoined: boolean;
  readonly proof: Uint8Array;
}

type Opened = Omit<Clone, 'isEnabled'>;

/** The cloned cells of this node's agents. */
export class CloneStore {
  constructor(
    private readonly db: DataSource,
    /** How many enabled clones an agent may have. */
    private readonly cloneLimit: number,
  ) {}

  async find(keys: AgentKeys, pair: Pair): Promise<Clone | null> {
    return find(this.db, keyOf(keys, pair));
  }

  /**
   * Adds a clone unless the holder has it. Openings of one holder wait for one another, so that the limit
   * holds under any number of them at once.
   * @throws CloneLimitReachedError
   */
  open(keys: AgentKeys, pair: Pair, { proof, isPeerJoined }: Opened): Promise<Clone> {
    const key = keyOf(keys, pair);
    return transact(this.db, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('clone:' || $1, 0))`, [keys.agent]);
      const known = await find(tx, key);
      if (known !== null) return known;
      await this.demandRoom(tx, key);
      await tx.query(
        `insert into clone (holder, key, is_enabled, is_peer_joined, proof) values ($1, $2, true, $3, $4)`,
        [...key, isPeerJoined, proof],
      );
      return { isEnabled: true, isPeerJoined, proof };
    });
  }

  async markPeerJoined(keys: AgentKeys, pair: Pair): Promise<void> {
    await this.db.query(
      'update clone set is_peer_joined = true where holder = $1 and key = $2',
      keyOf(keys, pair),
    );
  }

  private async demandRoom(tx: EntityManager, [holder]: readonly Uint8Array[]): Promise<void> {
    const [row] = await tx.query<{ clones: number }[]>(
      'select count(*)::int as clones from clone where holder = $1 and is_enabled',
      [holder],
    );
    if ((row?.clones ?? 0) >= this.cloneLimit) {
      throw new CloneLimitReachedError(`this agent has its ${this.cloneLimit} clones already`);
    }
  }
}

async function find(db: Pick<EntityManager, 'query'>, key: Uint8Array[]): Promise<Clone | null> {
  const [row] = await db.query<CloneRow[]>('select * from clone where holder = $1 and key = $2', key);
  if (row === undefined) return null;
  return { isEnabled: row.is_enabled, isPeerJoined: row.is_peer_joined, proof: row.proof };
}

function keyOf(keys: AgentKeys, { peer }: Pair): Uint8Array[] {
  return [fromBase64Url(keys.agent), keys.blind('musubi/clone', fromBase64Url(peer))];
}
