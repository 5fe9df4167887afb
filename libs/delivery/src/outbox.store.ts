import { type Rows, RowsStatement } from '@musubi/database';
import { type Outbox, type Owed, type OwedStep, type Owing, isOwedStep } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type Clock,
  type StrategyName,
  type Timestamp,
  isStrategyName,
  parseAgentPubKey,
  parseTimestamp,
} from '@musubi/messaging';
import { blindedKey, decodeMessageId, encodeMessageId } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { CLAIM, type ClaimScope, NEXT_DUE, scopeOf } from './claim.sql.js';
import { type OutboxRow } from './schema/index.js';

/** A step somebody owes, and how it has gone so far. */
export interface OwedWork {
  readonly holder: AgentPubKey;
  readonly owed: Owed;
  readonly lane: string;
  /** How often it was tried in vain. */
  readonly attempt: number;
  readonly dueAt: Timestamp;
  readonly isFailed: boolean;
  /** The code of the last error. */
  readonly lastError: string | null;
}

/**
 * Where PostgreSQL says, on commit and without a payload, that a step is due sooner than a worker may think: one that
 * was put off, or given back. A step that was just made owed is not told of. It is leased to its maker, so nobody
 * could do anything with the news, and NOTIFY takes a lock of the whole server at each commit (ADR 0013).
 */
export const OUTBOX_CHANNEL = 'musubi_outbox';

const MESSAGE_DOMAIN = 'musubi/outbox/message';

const OWE = new RowsStatement(`
  insert into outbox (holder, placement, key, step, lane, message, due_at, attempt, is_failed)
  select *, 0, false
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[])
  on conflict on constraint outbox_step_once do nothing`);

const SETTLE = new RowsStatement(`
  delete from outbox using unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[]) as done (holder, placement, key, step)
  where outbox.holder = done.holder and outbox.placement = done.placement and outbox.key = done.key
    and outbox.step = done.step`);

export interface OutboxStoreOptions {
  readonly db: DataSource;
  readonly clock: Clock;
  /** Whoever makes a step owed tries it first; nobody else may for so long, in microseconds. */
  readonly leaseUs: number;
  /** Where an encrypted message id is opened. @throws AgentOfflineError */
  keysOf(agent: AgentPubKey): AgentKeys;
}

/** The steps that are owed, in rows that commit with what makes them owed. */
export class OutboxStore implements Pick<Outbox, 'owe' | 'settle'> {
  constructor(private readonly options: OutboxStoreOptions) {}

  owe(holder: AgentKeys, owing: Owing): readonly Rows[] {
    const dueAt = this.options.clock.now() + this.options.leaseUs;
    const lane = holder.blind('musubi/outbox/lane', fromBase64Url(owing.peer));
    const message = holder.sealFixed(encodeMessageId(owing.message), MESSAGE_DOMAIN);
    return [{ statement: OWE, rows: [[...nameOf(holder, owing), lane, message, dueAt]] }];
  }

  settle(holder: AgentKeys, owed: Owed): readonly Rows[] {
    return [{ statement: SETTLE, rows: [nameOf(holder, owed)] }];
  }

  /** `null` when the step is not owed. */
  async find(holder: AgentKeys, owed: Owed): Promise<OwedWork | null> {
    const rows = await this.options.db.query<OutboxRow[]>(
      `select * from outbox where ${NAMED}`,
      nameOf(holder, owed),
    );
    return rows[0] === undefined ? null : this.workFrom(rows[0]);
  }

  /**
   * Takes up to `limit` steps that are due and leases them, so that no other worker takes them meanwhile; a
   * worker that dies loses its lease and nothing else.
   */
  async claim({ limit, unansweredLimit = limit, ...scope }: ClaimScope): Promise<readonly OwedWork[]> {
    const now = this.options.clock.now();
    const [rows] = await this.options.db.query<[OutboxRow[], number]>(CLAIM, [
      now,
      now + this.options.leaseUs,
      limit,
      unansweredLimit,
      ...scopeOf(scope),
    ]);
    return rows.map((row) => this.workFrom(row));
  }

  /** Puts a step off after an attempt in vain. */
  async postpone({ holder, owed, attempt }: OwedWork, dueAt: number, error: string): Promise<void> {
    await this.options.db.query(
      telling(`update outbox set attempt = $5, due_at = $6, last_error = $7 where ${NAMED}`),
      [...nameOf(this.options.keysOf(holder), owed), attempt, dueAt, error],
    );
  }

  /** Gives back a step that was taken and not tried, while it is still leased: anybody may try it at once. */
  async release({ holder, owed, dueAt }: OwedWork): Promise<void> {
    await this.options.db.query(telling(`update outbox set due_at = $6 where ${NAMED} and due_at = $5`), [
      ...nameOf(this.options.keysOf(holder), owed),
      dueAt,
      this.options.clock.now(),
    ]);
  }

  /** When the next step that could be claimed is due; `null` when these holders owe nothing that waits. */
  async nextDue({ unansweredLimit = 1, ...scope }: Omit<ClaimScope, 'limit'>): Promise<Timestamp | null> {
    const [row] = await this.options.db.query<{ due_at: string | null }[]>(NEXT_DUE, [
      unansweredLimit,
      ...scopeOf(scope),
    ]);
    return row?.due_at == null ? null : parseTimestamp(Number(row.due_at));
  }

  /** Gives a step up: only its owner takes it up again. */
  async fail({ holder, owed, attempt }: OwedWork, error: string): Promise<void> {
    await this.options.db.query(
      `update outbox set attempt = $5, is_failed = true, last_error = $6 where ${NAMED}`,
      [...nameOf(this.options.keysOf(holder), owed), attempt, error],
    );
  }

  /** Begins again from the first attempt, leased to the caller. @returns false when the step is not owed */
  async renew(holder: AgentKeys, owed: Owed): Promise<boolean> {
    const dueAt = this.options.clock.now() + this.options.leaseUs;
    const [, renewed] = await this.options.db.query<[unknown[], number]>(
      `update outbox set attempt = 0, is_failed = false, due_at = $5 where ${NAMED}`,
      [...nameOf(holder, owed), dueAt],
    );
    return renewed === 1;
  }

  private workFrom(row: OutboxRow): OwedWork {
    const holder = parseAgentPubKey(toBase64Url(row.holder));
    const message = this.options.keysOf(holder).openFixed(row.message, MESSAGE_DOMAIN);
    return {
      holder,
      owed: {
        strategy: strategyFrom(row.placement),
        message: decodeMessageId(message),
        step: stepFrom(row.step),
      },
      lane: toBase64Url(row.lane),
      attempt: row.attempt,
      dueAt: parseTimestamp(Number(row.due_at)),
      isFailed: row.is_failed,
      lastError: row.last_error,
    };
  }
}

/** The update, and word of it to every worker once it is committed; none when nothing was updated. */
function telling(update: string): string {
  return `with told as (${update} returning 1) select pg_notify('${OUTBOX_CHANNEL}', '') from told`;
}

const NAMED = 'holder = $1 and placement = $2 and key = $3 and step = $4';

function nameOf(holder: AgentKeys, { strategy, message, step }: Owed): unknown[] {
  return [fromBase64Url(holder.agent), strategy, blindedKey(holder, message), step];
}

function strategyFrom(placement: string): StrategyName {
  if (!isStrategyName(placement)) throw new TypeError(`no such placement: ${placement}`);
  return placement;
}

function stepFrom(step: string): OwedStep {
  if (!isOwedStep(step)) throw new TypeError(`no such step: ${step}`);
  return step;
}
