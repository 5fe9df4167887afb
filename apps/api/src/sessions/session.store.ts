import { fromBase64Url, hash, randomBytes, toBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement, type Sql, transact } from '@musubi/database';
import { type AgentPubKey, type Timestamp, parseAgentPubKey, parseTimestamp } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type AccessTokenRow } from '../schema/index.js';
import { type Session } from './session.js';
import { type SessionLifetimes } from '../config/session-lifetimes.js';

const TOKEN_BYTES = 32;
const ID_BYTES = 16;

/** Beyond this an agent's session that was unused for longest ends. One page holds them all. */
export const MAX_SESSIONS = 200;

/** Told to other processes when sessions end here. */
export const SESSIONS_CHANNEL = 'musubi_sessions';

/** Rows are changed for their times only by a process whose clock agrees with the database's to a minute. */
const CLOCKS_AGREE = `abs(extract(epoch from clock_timestamp()) * 1e6 - $1::bigint) < 60e6`;

const COLUMNS = 'id, agent, seq, is_attended, created_at, used_at';
type SessionRow = Omit<AccessTokenRow, 'hash'>;

/** What is over at `$1`, with the lifetimes as `$2` to `$5`; nothing is over where they are null. */
const IS_OVER = `case when is_attended
  then used_at <= $1::bigint - $2::bigint or created_at <= $1::bigint - $3::bigint
  else used_at <= $1::bigint - $4::bigint or created_at <= $1::bigint - $5::bigint end`;

const INSERT = new RowsStatement(`
  insert into access_token (hash, id, agent, is_attended, created_at, used_at)
  select hash, id, agent, is_attended, created_at, created_at
  from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::boolean[], $5::bigint[])
    as token (hash, id, agent, is_attended, created_at)`);

/** Sessions at rest: of a token, which is 32 random bytes as base64url, only a hash is stored. */
export class SessionStore {
  /** @param processName begins the tokens issued here, for a balancer to send them back */
  constructor(
    private readonly db: DataSource,
    private readonly processName?: string,
  ) {}

  /** A session that begins with what commits with it. @returns its token, and its row */
  rowsOf(
    agent: AgentPubKey,
    { isAttended, createdAt }: Pick<Session, 'isAttended' | 'createdAt'>,
  ): { readonly token: string; readonly rows: Rows } {
    const token = this.newToken();
    const row = [hashOf(token), randomBytes(ID_BYTES), fromBase64Url(agent), isAttended, createdAt];
    return { token, rows: { statement: INSERT, rows: [row] } };
  }

  /**
   * @param seal what a passphrase has opened; `null` for an unattended agent, which needs none
   * @returns null when the agent's key is under another seal by now: the passphrase was changed meanwhile
   */
  async add(
    agent: AgentPubKey,
    { seal, createdAt }: { readonly seal: Uint8Array | null; readonly createdAt: Timestamp },
    on: Sql = this.db,
  ): Promise<{ readonly token: string; readonly session: Session } | null> {
    const token = this.newToken();
    const key = fromBase64Url(agent);
    const [row] = await on.query<SessionRow[]>(
      // A change of the passphrase is waited for, and seen.
      `with opened as (
         select 1 from agent_key where agent = $3
           and case when $5::bytea is null then not is_attended else is_attended and sealed = $5 end
         for share)
       insert into access_token (hash, id, agent, is_attended, created_at, used_at)
       select $1, $2, $3, $5::bytea is not null, $4, $4 from opened returning ${COLUMNS}`,
      [hashOf(token), randomBytes(ID_BYTES), key, createdAt, seal],
    );
    return row === undefined ? null : { token, session: sessionFrom(row) };
  }

  /**
   * Ends all sessions of an agent and begins another, in the transaction of what they end for.
   * @param change what commits with it. @returns the seal that the agent's key is under then
   */
  replaceAll(
    agent: AgentPubKey,
    createdAt: Timestamp,
    change: (tx: Sql) => Promise<Uint8Array>,
  ): Promise<{ readonly token: string; readonly session: Session; readonly ended: readonly string[] }> {
    return transact(this.db, async (tx) => {
      const seal = await change(tx);
      const ended = await this.delete('where agent = $1', [fromBase64Url(agent)], tx);
      const added = await this.add(agent, { seal, createdAt }, tx);
      if (added === null) throw new Error('a seal was written and is not there');
      return { ...added, ended };
    });
  }

  async find(token: string): Promise<Session | null> {
    const sql = `select ${COLUMNS} from access_token where hash = $1`;
    const [row] = await this.db.query<SessionRow[]>(sql, [hashOf(token)]);
    return row === undefined ? null : sessionFrom(row);
  }

  /** The one that was used last comes first. */
  async listOf(agent: AgentPubKey): Promise<readonly Session[]> {
    const rows = await this.db.query<SessionRow[]>(
      `select ${COLUMNS} from access_token where agent = $1 order by used_at desc, seq desc limit $2`,
      [fromBase64Url(agent), MAX_SESSIONS],
    );
    return rows.map(sessionFrom);
  }

  async touch({ id }: Session, usedAt: Timestamp): Promise<void> {
    await this.db.query('update access_token set used_at = greatest(used_at, $2) where id = $1', [
      fromBase64Url(id),
      usedAt,
    ]);
  }

  /** @returns whether the agent had that session */
  async remove(agent: AgentPubKey, id: string): Promise<boolean> {
    const where = 'where agent = $1 and id = $2';
    return (await this.delete(where, [fromBase64Url(agent), fromBase64Url(id)])).length > 0;
  }

  /** @returns the ids of the sessions that ended */
  removeAll(agent: AgentPubKey, on: Sql = this.db): Promise<readonly string[]> {
    return this.delete('where agent = $1', [fromBase64Url(agent)], on);
  }

  /** Ends the agent's sessions that no unlocking accepts: all before `seq`. @returns their ids */
  removeBefore(agent: AgentPubKey, seq: number): Promise<readonly string[]> {
    return this.delete('where agent = $1 and seq < $2', [fromBase64Url(agent), seq]);
  }

  /** @returns the ids of the sessions that ended to make room */
  removeBeyondMax(agent: AgentPubKey): Promise<readonly string[]> {
    const beyond = 'select seq from access_token where agent = $1 order by used_at desc, seq desc offset $2';
    return this.delete(`where seq in (${beyond})`, [fromBase64Url(agent), MAX_SESSIONS]);
  }

  /**
   * Deletes what is over, and brings times of the future back to now: a wrong clock wrote them.
   * @returns whether anything changed
   */
  async sweep(now: Timestamp, lifetimes: SessionLifetimes): Promise<boolean> {
    // A time of the future is over neither before it is brought back nor after.
    const changed = await this.db.query<unknown[]>(
      `with gone as (
         delete from access_token where (${IS_OVER}) and ${CLOCKS_AGREE} returning id),
       moved as (
         update access_token set created_at = least(created_at, $1), used_at = least(used_at, $1)
         where (created_at > $1 or used_at > $1) and (${IS_OVER}) is not true and ${CLOCKS_AGREE} returning id)
       select id from gone union all select id from moved`,
      [now, ...limitsOf(lifetimes)],
    );
    return changed.length > 0;
  }

  /** Of unlockings, those that no session needs any more: none since its `seq` lasts. */
  async unused(
    unlockings: ReadonlyMap<AgentPubKey, number>,
    now: Timestamp,
    lifetimes: SessionLifetimes,
  ): Promise<readonly AgentPubKey[]> {
    const rows = await this.db.query<{ agent: Uint8Array }[]>(
      `select unlocking.agent from unnest($6::bytea[], $7::bigint[]) as unlocking (agent, seq)
       where not exists (
         select from access_token token
         where token.agent = unlocking.agent and token.seq >= unlocking.seq and (${IS_OVER}) is not true)`,
      [
        now,
        ...limitsOf(lifetimes),
        [...unlockings.keys()].map((agent) => Buffer.from(fromBase64Url(agent))),
        [...unlockings.values()],
      ],
    );
    return rows.map(({ agent }) => parseAgentPubKey(toBase64Url(agent)));
  }

  /** Of these ids, those of sessions that have ended. */
  async missing(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await this.db.query<{ id: Uint8Array }[]>(
      `select wanted.id from unnest($1::bytea[]) as wanted (id)
       where not exists (select from access_token token where token.id = wanted.id)`,
      [ids.map((id) => Buffer.from(fromBase64Url(id)))],
    );
    return rows.map(({ id }) => toBase64Url(id));
  }

  async tellOthers(): Promise<void> {
    await this.db.query('select pg_notify($1, $2)', [SESSIONS_CHANNEL, '']);
  }

  private newToken(): string {
    const name = this.processName === undefined ? '' : `${this.processName}.`;
    return `${name}${toBase64Url(randomBytes(TOKEN_BYTES))}`;
  }

  private async delete(
    where: string,
    parameters: readonly unknown[],
    on: Sql = this.db,
  ): Promise<readonly string[]> {
    const sql = `with gone as (delete from access_token ${where} returning id) select id from gone`;
    const rows = await on.query<{ id: Uint8Array }[]>(sql, [...parameters]);
    return rows.map(({ id }) => toBase64Url(id));
  }
}

function hashOf(token: string): Uint8Array {
  return hash('musubi/access-token', new TextEncoder().encode(token));
}

function sessionFrom({ id, agent, seq, is_attended, created_at, used_at }: SessionRow): Session {
  return {
    id: toBase64Url(id),
    agent: parseAgentPubKey(toBase64Url(agent)),
    seq: Number(seq),
    isAttended: is_attended,
    createdAt: parseTimestamp(Number(created_at)),
    usedAt: parseTimestamp(Number(used_at)),
  };
}

/** Microseconds, as `$2` to `$5` of `IS_OVER`. */
function limitsOf({ attended, unattended }: SessionLifetimes): readonly (number | null)[] {
  const limits = [attended.idleMs, attended.maxMs, unattended.idleMs, unattended.maxMs];
  return limits.map((ms) => (ms === null ? null : ms * 1000));
}
