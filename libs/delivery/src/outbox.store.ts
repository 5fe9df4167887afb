import { type Rows, RowsStatement } from '@musubi/database';
import {
  OUTBOX_STEPS,
  type Outbox,
  type OutboxKey,
  type OutboxStep,
  type NewOutboxEntry,
} from '@musubi/cell';
import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type AgentPubKey,
  type MessageId,
  STRATEGY_NAMES,
  type StrategyName,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import { blindedKey, encodeMessageId } from '@musubi/receipts';
import { longestWaitUs } from './backoff.js';
import { type ClaimScope, HEARD } from './claim.sql.js';
import { OutboxClaims, type OutboxStoreOptions } from './outbox-claims.js';
import { telling } from './outbox-channel.js';
import { OutboxLanes, laneOf } from './outbox-lanes.js';
import { longestShareUs } from './patience.js';
import { type StepName, notingChanges } from './noting-changes.js';
import { MESSAGE_DOMAIN, type OutboxEntry, standingOf } from './outbox-row.js';
import { type OutboxRow } from './schema/index.js';

const ENQUEUE = new RowsStatement(`
  insert into outbox (holder, placement, key, step, lane, message, due_at, attempt, is_failed, waited)
  select *, 0, false, 0
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[])
  on conflict on constraint outbox_step_once do nothing`);

/**
 * One statement for each kind of step, by holders and keys: a key is blinded with its holder's secret, so that no pair
 * is met that was not named. A join with the names took 11 µs of PostgreSQL more for each statement, of 110 µs.
 */
const COMPLETE = new Map(
  STRATEGY_NAMES.flatMap((placement) =>
    OUTBOX_STEPS.map((step) => [`${placement}/${step}`, settleStatement(placement, step)] as const),
  ),
);

function settleStatement(placement: StrategyName, step: OutboxStep): RowsStatement {
  return new RowsStatement(`
    delete from outbox
    where holder = any($1::bytea[]) and placement = '${placement}' and key = any($2::bytea[]) and step = '${step}'`);
}

const NAMED = 'holder = $1 and placement = $2 and key = $3 and step = $4';

/** What was heard from while it was tried ($8: leased to that attempt) stays due. */
const IS_HEARD = `($8 and due_at = ${HEARD})`;
const POSTPONE = telling(`
  update outbox set attempt = $5, last_error = $7,
    due_at = case when ${IS_HEARD} then due_at else $6::bigint end,
    waited = $9::bigint + case when ${IS_HEARD} then 0 else $10::bigint end
  where ${NAMED}`);

/** The code of an attempt whose end nobody knows. */
const MAY_HAVE_ARRIVED = 'remote-call-unknown';
/** So much later than the others it is due again, in microseconds. */
const TURN_US = 1_000_000;

/** The steps that are pending, in rows that commit with what enqueues them. */
export class OutboxStore implements Pick<Outbox, 'enqueue' | 'complete'> {
  private readonly claims: OutboxClaims;
  private readonly lanes: OutboxLanes;

  constructor(private readonly options: OutboxStoreOptions) {
    this.claims = new OutboxClaims(options);
    this.lanes = new OutboxLanes(options);
  }

  enqueue(holder: AgentKeys, enqueued: NewOutboxEntry): readonly Rows[] {
    const dueAt = this.leasedUntil();
    const lane = laneOf(holder, enqueued.peer);
    return [
      {
        statement: ENQUEUE,
        rows: [[...nameOf(holder, enqueued), lane, sealedMessage(holder, enqueued), dueAt]],
      },
    ];
  }

  complete(holder: AgentKeys, outboxKey: OutboxKey): readonly Rows[] {
    const statement = COMPLETE.get(`${outboxKey.strategy}/${outboxKey.step}`);
    if (statement === undefined) throw new TypeError(`no such step: ${outboxKey.strategy}/${outboxKey.step}`);
    return [{ statement, rows: [[fromBase64Url(holder.agent), blindedKey(holder, outboxKey.message)]] }];
  }

  /** `null` when the step is not pending. */
  async find(holder: AgentKeys, outboxKey: OutboxKey): Promise<OutboxEntry | null> {
    const rows = await this.options.db.query<OutboxRow[]>(
      `select * from outbox where ${NAMED}`,
      nameOf(holder, outboxKey),
    );
    const [row] = rows;
    if (row === undefined) return null;
    return { ...standingOf(row), holder: holder.agent, outboxKey, dueAt: this.dueAt(row) };
  }

  /** Those of one step of several messages that are pending, by message: one query, however many. */
  async findAll(
    holder: AgentKeys,
    { strategy, messages, step }: Omit<OutboxKey, 'message'> & { readonly messages: readonly MessageId[] },
  ): Promise<ReadonlyMap<MessageId, OutboxEntry>> {
    if (messages.length === 0) return new Map();
    const byKey = new Map(messages.map((message) => [toBase64Url(blindedKey(holder, message)), message]));
    const rows = await this.options.db.query<OutboxRow[]>(
      'select * from outbox where holder = $1 and placement = $2 and key = any($3::bytea[]) and step = $4',
      [fromBase64Url(holder.agent), strategy, [...byKey.keys()].map(fromBase64Url), step],
    );
    return new Map(
      rows.flatMap((row) => {
        const message = byKey.get(toBase64Url(row.key));
        if (message === undefined) return [];
        const outboxKey = { strategy, message, step };
        return [[message, { ...standingOf(row), holder: holder.agent, outboxKey, dueAt: this.dueAt(row) }]];
      }),
    );
  }

  /** Takes steps that are due. */
  claim(scope: ClaimScope): Promise<readonly OutboxEntry[]> {
    return this.claims.claim(scope);
  }

  /** When the next step that could be claimed is due; `null` when no step of these holders waits. */
  nextDue(scope: Omit<ClaimScope, 'limit'>): Promise<Timestamp | null> {
    return this.claims.nextDue(scope);
  }

  /** Puts a step off after an attempt in vain; unless its recipient was heard from meanwhile: then it is due still. */
  async postpone(work: OutboxEntry, dueAt: number, error: string): Promise<void> {
    const name = nameOf(this.options.keysOf(work.holder), work.outboxKey);
    const now = this.options.clock.now();
    const wait = Math.max(0, Math.min(dueAt - now, longestShareUs(this.options.patience)));
    // While it is leased to this attempt, nothing else makes it due.
    const isLeased = work.dueAt > now;
    const parameters = [work.attempt, dueAt, error, isLeased, work.waitedUs, wait];
    await notingChanges(this.options, [name], (tx) => tx.query(POSTPONE, [...name, ...parameters]));
  }

  /**
   * Puts a step off whose recipient did not answer, and with it whatever else waits for that one: the next attempt at
   * one of them is for all. A step that has failed for the first time joins those that wait already.
   * @returns its lane; `null` when the step is not pending
   */
  async postponeLane(work: OutboxEntry, dueAt: number, error: string): Promise<string | null> {
    const name = this.nameOf(work);
    const ahead = await this.lanes.ahead(name);
    if (ahead === null) return null;
    const isFirst = work.attempt === 1;
    if (isFirst && ahead.next !== null) {
      await this.postpone({ ...work, attempt: ahead.next.attempt }, ahead.next.dueAt, error);
      return ahead.lane;
    }
    // What may have arrived may be what the recipient fails at: the others take their turns before it.
    await this.postpone(work, error === MAY_HAVE_ARRIVED ? dueAt + TURN_US : dueAt, error);
    if (!isFirst) await this.lanes.putOffBeside(name, { dueAt, attempt: work.attempt });
    return ahead.lane;
  }

  /** The recipient did not answer, and this step was given up: whatever else waits for that one waits until then. */
  async putOffBeside(work: OutboxEntry, dueAt: number): Promise<void> {
    await this.lanes.putOffBeside(this.nameOf(work), { dueAt, attempt: work.attempt });
  }

  /** The recipient has answered: what else waits in its lane is due. */
  catchUp(holder: AgentPubKey, lane: string): Promise<void> {
    return this.lanes.catchUp(holder, lane);
  }

  /** Of all that these holders have waiting for these recipients, the first step each is due at once. */
  hasten(holders: readonly AgentPubKey[], recipients: readonly AgentPubKey[]): Promise<void> {
    return this.lanes.hasten(holders, recipients);
  }

  /** Of all that these holders have waiting, the first step for each recipient is due at once. */
  hastenAll(holders: readonly AgentPubKey[]): Promise<void> {
    return this.lanes.hastenAll(holders);
  }

  /** Gives back a step that was taken and not tried, while it is still leased: anybody may try it at once. */
  async release({ holder, outboxKey, dueAt }: OutboxEntry): Promise<void> {
    await this.options.db.query(telling(`update outbox set due_at = $6 where ${NAMED} and due_at = $5`), [
      ...nameOf(this.options.keysOf(holder), outboxKey),
      dueAt,
      this.options.clock.now(),
    ]);
  }

  /** Gives a step up: only its owner takes it up again. @returns false when it is not pending, since its message is gone */
  async fail({ holder, outboxKey, attempt }: OutboxEntry, error: string): Promise<boolean> {
    const name = nameOf(this.options.keysOf(holder), outboxKey);
    const update = `update outbox set attempt = $5, is_failed = true, last_error = $6 where ${NAMED}`;
    const [, failed] = await notingChanges(this.options, [name], (tx) =>
      tx.query<[unknown[], number]>(update, [...name, attempt, error]),
    );
    return failed === 1;
  }

  /**
   * Begins again from the first attempt, leased to the caller; a row that was damaged is mended.
   * @returns false when the step is not pending
   */
  async renew(holder: AgentKeys, outboxKey: OutboxKey): Promise<boolean> {
    const dueAt = this.leasedUntil();
    const name = nameOf(holder, outboxKey);
    const update = `
      update outbox set attempt = 0, waited = 0, is_failed = false, due_at = $5, message = $6 where ${NAMED}`;
    const [, renewed] = await notingChanges(this.options, [name], (tx) =>
      tx.query<[unknown[], number]>(update, [...name, dueAt, sealedMessage(holder, outboxKey)]),
    );
    return renewed === 1;
  }

  /** Until when a step that is leased now is its taker's alone. */
  leasedUntil(): Timestamp {
    return parseTimestamp(this.options.clock.now() + this.options.leaseUs);
  }

  /** A time that no clock which is right can have written is now. */
  private dueAt(row: OutboxRow): Timestamp {
    const now = this.options.clock.now();
    const due = Number(row.due_at);
    if (due === HEARD) return now;
    return due > now + longestWaitUs(this.options.leaseUs) ? now : parseTimestamp(Math.max(0, due));
  }

  private nameOf({ holder, outboxKey }: OutboxEntry): StepName {
    return nameOf(this.options.keysOf(holder), outboxKey);
  }
}

function sealedMessage(holder: AgentKeys, { message }: OutboxKey): Uint8Array {
  return holder.sealFixed(encodeMessageId(message), MESSAGE_DOMAIN);
}

function nameOf(holder: AgentKeys, { strategy, message, step }: OutboxKey): StepName {
  return [fromBase64Url(holder.agent), strategy, blindedKey(holder, message), step];
}
