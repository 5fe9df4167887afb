import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql, transact } from '@musubi/database';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { type AgentFenceRow } from '../schema/index.js';
import { movedError } from './at-home.js';

/** Why nothing is written for an agent here. */
interface Fence {
  /** It lives on another node. Else it is leaving: its record names this node still. */
  readonly isMoved: boolean;
  /** Of the record by which it moves. */
  readonly seq: number;
  /** It was deleted here, and lives nowhere. */
  readonly isDeleted: boolean;
}

const LOCK = 'select pg_advisory_xact_lock(1836413549, get_byte($1::bytea, 0))';
/** Guards one agent's fence and the records that name this node. Writers for the agent do not wait for it. */
const LOCK_RECORDS = `select pg_advisory_xact_lock(1836413550, hashtext(encode($1::bytea, 'hex')))`;
const IS_OURS = 'select agent from agent_key where agent = $1';
const RAISE = `
  insert into agent_fence (agent, is_moved, seq, is_deleted, is_clearing)
  select $1, $2, $3, false, false
  where exists (select from agent_key where agent = $1 and sealed = coalesce($4::bytea, sealed))
  on conflict on constraint agent_fence_one_per_agent do update set is_moved = excluded.is_moved, seq = excluded.seq
  where excluded.seq >= agent_fence.seq and (excluded.is_moved or not agent_fence.is_moved)`;
/** Only of an agent that lives here: one that is leaving has a fence already. */
const DELETE = `
  insert into agent_fence (agent, is_moved, seq, is_deleted, is_clearing)
  select agent, true, 0, true, true from agent_key where agent = $1 and sealed = $2
  on conflict on constraint agent_fence_one_per_agent do nothing
  returning agent`;
const IS_DELETED = 'select agent from agent_fence where agent = $1 and is_deleted';
const DELETED_UNLESS = `
  select * from agent_fence where is_deleted and (select count(*) from agent_fence where is_deleted) <> $1`;
const ARRIVE = `select set_config('musubi.arriving', 'on', true)`;
const LOWER = 'delete from agent_fence where agent = $1';

/**
 * Which agents of this node nothing is written for any more. The rows decide, in the transaction that writes; what is
 * here in memory saves questions.
 */
export class AgentFences {
  private readonly known = new Map<AgentPubKey, Fence>();
  private readonly returning = new Set<AgentPubKey>();
  private onChange: (agent: AgentPubKey) => void = () => undefined;

  constructor(private readonly db: DataSource) {}

  /** To be called before the first agent comes online. @param onChange a fence was raised or lowered */
  async load(onChange: (agent: AgentPubKey) => void = () => undefined): Promise<void> {
    this.onChange = onChange;
    const rows = await this.db.query<AgentFenceRow[]>('select * from agent_fence');
    this.known.clear();
    for (const row of rows) this.known.set(parseAgentPubKey(toBase64Url(row.agent)), fenceOf(row));
  }

  find(agent: AgentPubKey): Fence | undefined {
    return this.known.get(agent);
  }

  /** Looks again at what is stored. */
  async refresh(agent: AgentPubKey): Promise<void> {
    const sql = 'select * from agent_fence where agent = $1';
    const [row] = await this.db.query<AgentFenceRow[]>(sql, [fromBase64Url(agent)]);
    const before = this.known.get(agent);
    const now = row && fenceOf(row);
    if (now === undefined) this.known.delete(agent);
    else this.known.set(agent, now);
    if (before?.isMoved !== now?.isMoved) this.onChange(agent);
  }

  /** Looks at the fences that were raised for good since. Where there are as many as before, it reads none. */
  async refreshDeleted(): Promise<void> {
    const known = [...this.known.values()].filter(({ isDeleted }) => isDeleted).length;
    const rows = await this.db.query<AgentFenceRow[]>(DELETED_UNLESS, [known]);
    for (const row of rows) {
      const agent = parseAgentPubKey(toBase64Url(row.agent));
      if (this.find(agent)?.isDeleted === true) continue;
      this.known.set(agent, fenceOf(row));
      this.onChange(agent);
    }
  }

  /**
   * The agent is deleted with this transaction, which waits for what is being written for it. To be followed by `refresh`.
   * @param sealed its key, as it was opened
   * @returns false, with nothing written, when its key is under another seal by now, or it is fenced already
   */
  async raiseForGood(tx: Sql, agent: AgentPubKey, sealed: Uint8Array): Promise<boolean> {
    const key = fromBase64Url(agent);
    await tx.query(LOCK_RECORDS, [key]);
    await tx.query(LOCK, [key]);
    return (await tx.query<unknown[]>(DELETE, [key, sealed])).length > 0;
  }

  /** Whether the agent was deleted here, be it by another process. */
  async isDeleted(db: Sql, agent: AgentPubKey): Promise<boolean> {
    return (await db.query<unknown[]>(IS_DELETED, [fromBase64Url(agent)])).length > 0;
  }

  /**
   * The agent is leaving. Waits for what is being written for it.
   * @param sealed its key, as it was opened
   * @returns the fence, which may be an earlier one; none when its key is under another seal by now, or gone
   */
  async raise(
    agent: AgentPubKey,
    { seq, sealed }: { readonly seq: number; readonly sealed: Uint8Array },
  ): Promise<Fence | undefined> {
    await transact(this.db, async (tx) => {
      await tx.query(LOCK_RECORDS, [fromBase64Url(agent)]);
      await this.put(tx, agent, { isMoved: false, seq, sealed });
    });
    await this.refresh(agent);
    return this.find(agent);
  }

  /**
   * A record of the agent is about to be stored in this transaction: the fence says the same from then on.
   * @throws AgentMovedError for a record that names this node, of an agent that has left it, and does not come back
   */
  async follow(
    tx: Sql,
    agent: AgentPubKey,
    record: { readonly isHere: boolean; readonly seq: number },
  ): Promise<void> {
    if (!record.isHere) await this.put(tx, agent, { isMoved: true, seq: record.seq });
    else if (this.returning.has(agent)) await this.comeBack(tx, agent);
    else {
      await tx.query(LOCK_RECORDS, [fromBase64Url(agent)]);
      const sql = 'select agent from agent_fence where agent = $1';
      const rows = await tx.query<unknown[]>(sql, [fromBase64Url(agent)]);
      if (rows.length > 0) throw movedError(undefined);
    }
  }

  /** Meanwhile a record of the agent may name this node again. */
  async whileReturning<Result>(agent: AgentPubKey, work: () => Promise<Result>): Promise<Result> {
    this.returning.add(agent);
    try {
      return await work();
    } finally {
      this.returning.delete(agent);
      await this.refresh(agent);
    }
  }

  /** What the transaction writes is an agent's that comes to this node: it waits for nobody, and nobody for it. */
  async arrive(tx: Sql): Promise<void> {
    await tx.query(ARRIVE);
  }

  /** The agent is back: what the transaction writes from here on is its own again. */
  async lower(tx: Sql, agent: AgentPubKey): Promise<void> {
    await tx.query(LOWER, [fromBase64Url(agent)]);
  }

  /** Of an agent that has not come anywhere else. @throws AgentMovedError */
  private async comeBack(tx: Sql, agent: AgentPubKey): Promise<void> {
    await tx.query(LOCK_RECORDS, [fromBase64Url(agent)]);
    const sql = 'select agent from agent_fence where agent = $1 and is_moved';
    const rows = await tx.query<unknown[]>(sql, [fromBase64Url(agent)]);
    if (rows.length > 0) throw movedError(undefined);
    await this.lower(tx, agent);
  }

  private async put(
    tx: Sql,
    agent: AgentPubKey,
    { isMoved, seq, sealed }: Omit<Fence, 'isDeleted'> & { readonly sealed?: Uint8Array },
  ): Promise<void> {
    // Most records are of agents that were never here: these wait for no writer.
    const keys = await tx.query<unknown[]>(IS_OURS, [fromBase64Url(agent)]);
    if (keys.length === 0) return;
    await tx.query(LOCK, [fromBase64Url(agent)]);
    await tx.query(RAISE, [fromBase64Url(agent), isMoved, seq, sealed ?? null]);
  }
}

function fenceOf({ is_deleted: isDeleted, is_moved: isMoved, seq }: AgentFenceRow): Fence {
  return { isMoved, seq: Number(seq), isDeleted };
}
