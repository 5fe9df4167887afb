import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement, retrying, violatedConstraint } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { atHome } from '../home/at-home.js';
import { type SealedAgents } from './sealed-agents.js';

/** Rejects a read receipt of a reader that tells nobody. The database says so by itself: see the migration. */
const READING_IS_TOLD = 'reading_is_told';

/** Inserts nothing, as `require_may_write` does not: it throws or lets pass. */
const REQUIRE_TOLD = new RowsStatement(`
  insert into contact_detail (holder, key)
  select holder, contact from unnest($1::bytea[], $2::bytea[]) as author (holder, contact)
  where require_tells_reading(holder, contact)`);

const REQUIRE_AT_HOME = new RowsStatement(`
  insert into contact_detail (holder, key)
  select holder, holder from unnest($1::bytea[]) as reader (holder)
  where require_reader_at_home(holder)`);

interface ReadingParts {
  readonly db: DataSource;
  readonly contacts: Pick<SealedAgents, 'nameOf'>;
}

/** How a reader marks a message: for its author to see, or for itself alone. */
interface Marking<Result> {
  /** Commits these rows with the receipt. */
  readonly tell: (rows: readonly Rows[]) => Promise<Result>;
  /** Commits these rows with what only the reader sees. */
  readonly keep: (rows: readonly Rows[]) => Promise<Result>;
}

/** Whether agents of this node tell authors that they have read: all of them, or some. */
export class Reading {
  constructor(private readonly parts: ReadingParts) {}

  /** Of all authors for whom nothing else is set. */
  async isTold(holder: AgentPubKey): Promise<boolean> {
    const sql = 'select is_told from reading_setting where holder = $1';
    const [row] = await this.parts.db.query<{ is_told: boolean }[]>(sql, [fromBase64Url(holder)]);
    return row?.is_told ?? true;
  }

  /** From when this resolves on, in every process. Receipts that are just being made come before. @throws AgentMovedError */
  async tell(holder: AgentPubKey, isTold: boolean): Promise<void> {
    const sql = `
      insert into reading_setting (holder, is_told) values ($1, $2)
      on conflict on constraint reading_setting_one_per_holder do update set is_told = excluded.is_told`;
    await atHome(() => retrying(() => this.parts.db.query(sql, [fromBase64Url(holder), isTold])));
  }

  /** Marks a message of the author's as the switch says: the transaction that tells decides. @throws AgentMovedError */
  async mark<Result>(keys: AgentKeys, author: AgentPubKey, { tell, keep }: Marking<Result>): Promise<Result> {
    const names = [fromBase64Url(keys.agent), this.parts.contacts.nameOf(keys, author)];
    const sql = 'select tells_reading($1, $2) as told';
    const [row] = await this.parts.db.query<{ told: boolean }[]>(sql, names);
    const keepOnly = (): Promise<Result> =>
      atHome(() => keep([{ statement: REQUIRE_AT_HOME, rows: [names.slice(0, 1)] }]));
    if (row?.told !== true) return keepOnly();
    try {
      return await tell([{ statement: REQUIRE_TOLD, rows: [names] }]);
    } catch (error) {
      // Switched off since.
      if (violatedConstraint(error) === READING_IS_TOLD) return keepOnly();
      throw error;
    }
  }
}
