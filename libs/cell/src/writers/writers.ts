import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import {
  type Rows,
  RowsStatement,
  type Sql,
  retrying,
  violatedConstraint,
  writeInTurn,
} from '@musubi/database';
import { type AgentPubKey, RecipientRefusesError } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { atHome } from '../home/at-home.js';
import { type Keyring } from '../keys/keyring.js';
import { type AgentSettingRow } from '../schema/tables.js';
import { ContactDetails } from './contact-details.js';
import { Reading } from './reading.js';
import { SealedAgents } from './sealed-agents.js';

/** From the fewest to the most. */
export const WHO_MAY_WRITE = ['nobody', 'contacts', 'everybody'] as const;
export type WhoMayWrite = (typeof WHO_MAY_WRITE)[number];

/** Of one agent. */
export const BLOCK_LIMIT = 10_000;
/** Answers of one agent, and agents that have answers. */
const REMEMBERED = 1024;
const REMEMBERED_AGENTS = 512;

/** Rejects what an author may not write to its recipient. The database says so by itself: see the migration. */
const MAY_WRITE = 'author_may_write';

/**
 * Inserts nothing, since the function never says yes: it throws or lets pass. A part of a statement that only selects
 * would not run, since no other part reads it.
 */
const REQUIRE_MAY_WRITE = new RowsStatement(`
  insert into blocked_agent (holder, key, sealed)
  select holder, blocked, contact from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as author (holder, blocked, contact)
  where require_may_write(holder, blocked, contact)`);

interface WritersParts {
  readonly db: DataSource;
  readonly keyring: Pick<Keyring, 'keysOf'>;
  /** No other process writes the database. */
  readonly ownsDatabase: boolean;
}

/**
 * Who may write to the agents of this node: each agent says so, and blocks agents. The rows decide, in the transaction
 * that accepts a message; what is here in memory saves work, and is never the last word for a message that is accepted.
 */
export class Writers {
  /** Agents of other nodes whose cards were taken, and agents of this node. */
  readonly contacts: SealedAgents;
  readonly details: ContactDetails;
  /** Whether authors are told that they were read. */
  readonly reading: Reading;
  private readonly blocked: SealedAgents;
  /** Whether an author may write to each agent, as far as is known. */
  private readonly answers = new Map<AgentPubKey, Map<AgentPubKey, boolean>>();

  constructor(private readonly parts: WritersParts) {
    const contact = { table: 'contact', domain: 'musubi/contact' } as const;
    const blocked = { table: 'blocked_agent', domain: 'musubi/blocked-agent' } as const;
    const { db, keyring } = parts;
    const keysOf = (agent: AgentPubKey): AgentKeys => keyring.keysOf(agent);
    this.contacts = new SealedAgents({ db, keysOf, ...contact });
    this.details = new ContactDetails({ db, keysOf, contacts: this.contacts });
    this.reading = new Reading({ db, contacts: this.contacts });
    this.blocked = new SealedAgents({ db, keysOf, ...blocked });
  }

  get blocks(): Pick<SealedAgents, 'has' | 'list'> {
    return this.blocked;
  }

  /** @throws AgentOfflineError */
  async setting(holder: AgentPubKey): Promise<WhoMayWrite> {
    const sql = 'select who_may_write from agent_setting where holder = $1';
    const [row] = await this.parts.db.query<Pick<AgentSettingRow, 'who_may_write'>[]>(sql, [
      fromBase64Url(holder),
    ]);
    return WHO_MAY_WRITE.find((one) => one === (row?.who_may_write ?? 'everybody')) ?? 'nobody';
  }

  /** From when this resolves on, in every process. Messages that are just being accepted come before. @throws AgentMovedError */
  async set(holder: AgentPubKey, whoMayWrite: WhoMayWrite): Promise<void> {
    const sql = `
      insert into agent_setting (holder, who_may_write) values ($1, $2)
      on conflict on constraint agent_setting_one_per_holder do update set who_may_write = excluded.who_may_write`;
    await this.changing(holder, () => this.parts.db.query(sql, [fromBase64Url(holder), whoMayWrite]));
  }

  /** From when this resolves on, in every process. @returns false at the limit @throws AgentOfflineError, AgentMovedError */
  block(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    return this.changing(holder, () => this.blocked.add(holder, agent, BLOCK_LIMIT));
  }

  /** @returns false when it was not blocked. @throws AgentOfflineError, AgentMovedError */
  unblock(holder: AgentPubKey, agent: AgentPubKey): Promise<boolean> {
    return this.changing(holder, () => this.blocked.remove(holder, agent));
  }

  /** What changes who may write: what was known before is not known any more. */
  async changing<Result>(holder: AgentPubKey, work: () => Promise<Result>): Promise<Result> {
    try {
      return await atHome(() => retrying(work));
    } finally {
      this.forget(holder);
    }
  }

  /** What was known of who may write to the agent is not known any more. */
  forget(holder: AgentPubKey): void {
    this.answers.delete(holder);
  }

  /** For what is only looked at: another process may have changed it since. A no is always of now. */
  async mayWrite(keys: AgentKeys, author: AgentPubKey): Promise<boolean> {
    const answers = this.answersFor(keys.agent);
    const known = answers.get(author);
    if (known === true || (known === false && this.parts.ownsDatabase)) return known;
    const sql = 'select may_write($1, $2, $3) as answer';
    const [row] = await this.parts.db.query<{ answer: boolean }[]>(sql, this.valuesOf(keys, author));
    return remember(answers, author, row?.answer === true);
  }

  /**
   * Accepts what the author has written, unless it may not write.
   * @param accept commits these rows with it
   * @throws RecipientRefusesError, with nothing committed
   */
  async admit<Result>(
    keys: AgentKeys,
    author: AgentPubKey,
    accept: (rows: readonly Rows[]) => Promise<Result>,
  ): Promise<Result> {
    // Messages that come at once share a transaction: one that is refused there takes it apart for all.
    await this.require(keys, author);
    return this.decide(keys, author, accept);
  }

  /**
   * The same within a transaction that writes something else, by the rows alone: who waits there for another
   * connection holds this one. To be thrown out of it. @throws RecipientRefusesError
   */
  admitWithin(tx: Sql, keys: AgentKeys, author: AgentPubKey): Promise<void> {
    return this.decide(keys, author, (rows) => writeInTurn(tx, rows));
  }

  /** Whether the author was refused when it was last asked for. */
  wasRefused({ agent }: AgentKeys, author: AgentPubKey): boolean {
    return this.answersFor(agent).get(author) === false;
  }

  /** @throws RecipientRefusesError */
  async require(keys: AgentKeys, author: AgentPubKey): Promise<void> {
    if (!(await this.mayWrite(keys, author))) throw refusal();
  }

  private async decide<Result>(
    keys: AgentKeys,
    author: AgentPubKey,
    accept: (rows: readonly Rows[]) => Promise<Result>,
  ): Promise<Result> {
    const answers = this.answersFor(keys.agent);
    try {
      return await accept([{ statement: REQUIRE_MAY_WRITE, rows: [this.valuesOf(keys, author)] }]);
    } catch (error) {
      if (violatedConstraint(error) !== MAY_WRITE) throw error;
      remember(answers, author, false);
      throw refusal(error);
    }
  }

  private valuesOf(keys: AgentKeys, author: AgentPubKey): Uint8Array[] {
    return [fromBase64Url(keys.agent), this.blocked.nameOf(keys, author), this.contacts.nameOf(keys, author)];
  }

  private answersFor(holder: AgentPubKey): Map<AgentPubKey, boolean> {
    const known = this.answers.get(holder);
    if (known !== undefined) return known;
    if (this.answers.size >= REMEMBERED_AGENTS) this.answers.clear();
    const answers = new Map<AgentPubKey, boolean>();
    this.answers.set(holder, answers);
    return answers;
  }
}

/** Where it was asked for: a change since has begun another map. */
function remember(answers: Map<AgentPubKey, boolean>, author: AgentPubKey, answer: boolean): boolean {
  if (answers.size >= REMEMBERED) answers.clear();
  answers.set(author, answer);
  return answer;
}

function refusal(cause?: unknown): RecipientRefusesError {
  return new RecipientRefusesError('the recipient takes no messages of this author', { cause });
}
