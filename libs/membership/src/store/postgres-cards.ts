import { fromBase64Url, keyedHash, open, seal, toBase64Url } from '@musubi/crypto';
import { type Sql, transact } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type NodeKey, parseNodeKey } from '@musubi/network/nodes';
import { type DataSource } from 'typeorm';
import { type ContactCard } from '../card/contact-card.js';
import { type CardHoldRow } from '../schema/index.js';
import {
  type CardOutcome,
  type CardRows,
  type CardStore,
  CardsFullError,
  releaseCard,
  takeCard,
} from './cards.js';
import { type PostgresAgentRecordStore, type PostgresPeerStore } from './postgres.store.js';

interface PostgresCardParts {
  readonly self: NodeKey;
  /** Of the node, 32 bytes: the rows are sealed and named with it. */
  readonly secret: Uint8Array;
  readonly agents: PostgresAgentRecordStore;
  readonly peers: PostgresPeerStore;
  /** How many cards one agent may hold. */
  readonly share: number;
}

const DOMAIN = 'musubi/card-hold';

export class PostgresCardStore implements CardStore {
  private readonly names: CardNames;

  constructor(
    private readonly db: DataSource,
    private readonly parts: PostgresCardParts,
  ) {
    this.names = new CardNames(parts.secret);
  }

  async take(holder: AgentPubKey, card: ContactCard): Promise<CardOutcome> {
    const { share } = this.parts;
    try {
      return await this.within((rows) => takeCard(rows, { holder, card, share }), card);
    } catch (error) {
      if (error instanceof CardsFullError) return 'full';
      throw error;
    }
  }

  release(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    return this.within((rows) => releaseCard(rows, holder, agent));
  }

  /** Of a holder that is gone, whatever was not released: nobody can tell any more whose cards these were. Repeatable. */
  async forget(holder: AgentPubKey): Promise<void> {
    await this.db.query('delete from card_hold where holder = $1', [this.names.holder(holder)]);
  }

  /** One at a time for the node: so what is counted stays true. */
  private async within<Value>(work: (rows: CardRows) => Promise<Value>, card?: ContactCard): Promise<Value> {
    const { agents, peers } = this.parts;
    const value = await transact(this.db, async (tx) => {
      await peers.lock(tx);
      await agents.lock(tx);
      return work(this.rowsIn(tx));
    });
    if (card !== undefined) await agents.noteStored(card.agent);
    return value;
  }

  private rowsIn(tx: Sql): CardRows {
    const { agents, peers, self } = this.parts;
    const { names } = this;
    return {
      find: async (holder, agent) => {
        const name = names.of(holder, agent);
        const sql = 'select node from card_hold where holder = $1 and pair = $2';
        const [row] = await tx.query<Pick<CardHoldRow, 'node'>[]>(sql, name);
        return row && names.nodeIn(row.node, name[1]);
      },
      count: async (holder) => {
        const sql = 'select count(*)::int as cards from card_hold where holder = $1';
        const [row] = await tx.query<{ cards: number }[]>(sql, [names.holder(holder)]);
        return row?.cards ?? 0;
      },
      write: async (holder, agent, node) => {
        const name = names.of(holder, agent);
        await tx.query(
          `insert into card_hold (holder, pair, node) values ($1, $2, $3)
           on conflict on constraint card_hold_once do update set node = excluded.node`,
          [...name, names.seal(node, name[1])],
        );
      },
      remove: async (holder, agent) => {
        await tx.query('delete from card_hold where holder = $1 and pair = $2', names.of(holder, agent));
      },
      putAgent: (record, holds) => agents.putByCard(tx, record, { self, holds }),
      putNode: (record, holds) => peers.putByCard(tx, record, { self, holds }),
      releaseAgent: (agent) => agents.hold(tx, agent, -1),
      releaseNode: (node) => peers.hold(tx, node, -1),
    };
  }
}

/** What the table shows to somebody who reads the disk: how many cards each of its agents holds, and not whose. */
class CardNames {
  private readonly key: Uint8Array;
  private readonly blinding: Uint8Array;

  constructor(secret: Uint8Array) {
    this.key = keyedHash(secret, `${DOMAIN}/seal`);
    this.blinding = keyedHash(secret, `${DOMAIN}/name`);
  }

  holder(holder: AgentPubKey): Uint8Array {
    return keyedHash(this.blinding, `${DOMAIN}/holder`, fromBase64Url(holder));
  }

  of(holder: AgentPubKey, agent: AgentPubKey): [holder: Uint8Array, pair: Uint8Array] {
    const both = Buffer.concat([fromBase64Url(holder), fromBase64Url(agent)]);
    return [this.holder(holder), keyedHash(this.blinding, `${DOMAIN}/pair`, both)];
  }

  seal(node: NodeKey, pair: Uint8Array): Uint8Array {
    return seal({ key: this.key, plaintext: fromBase64Url(node), associatedData: pair });
  }

  /** @throws OpenFailedError */
  nodeIn(sealed: Uint8Array, pair: Uint8Array): NodeKey {
    return parseNodeKey(toBase64Url(open({ key: this.key, sealed, associatedData: pair })));
  }
}
