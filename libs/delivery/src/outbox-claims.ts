import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  AgentOfflineError,
  type AgentPubKey,
  type Clock,
  type Log,
  type Timestamp,
  parseTimestamp,
} from '@musubi/messaging';
import {
  CLAIM,
  type ClaimScope,
  EARLIEST,
  type EarliestRow,
  GIVE_BACK,
  GIVE_UP,
  RECALL,
  WINDOW,
} from './claim.sql.js';
import { longestWaitUs } from './backoff.js';
import { type ChangeNoting, notingChanges } from './noting-changes.js';
import { type OutboxEntry, readRow } from './outbox-row.js';
import { type Patience, longestShareUs } from './patience.js';
import { type OutboxRow } from './schema/index.js';

export interface OutboxStoreOptions extends ChangeNoting {
  readonly clock: Clock;
  readonly log: Log;
  /** The process that enqueues a step tries it first; for this long no other may, in microseconds. */
  readonly leaseUs: number;
  readonly patience: Patience;
  /** Where an encrypted message id is opened. @throws AgentOfflineError */
  keysOf(agent: AgentPubKey): AgentKeys;
}

type Scope = Omit<ClaimScope, 'limit'>;

/** When the first step of each holder is due, among the earliest. */
interface Earliest {
  readonly dueAt: ReadonlyMap<string, number>;
  /** There may be more, of other holders too. */
  readonly isCut: boolean;
}

/** What the reason of a row that cannot be read is called. */
const UNREADABLE = 'outbox-row-unreadable';

/** Takes steps that are due, each for itself: one that cannot be read never keeps the others. */
export class OutboxClaims {
  constructor(private readonly options: OutboxStoreOptions) {}

  /**
   * Takes up to `limit` steps that are due and leases them, so that no other worker takes them meanwhile; a
   * worker that dies loses its lease and nothing else.
   */
  async claim({ limit, unansweredLimit = limit, ...scope }: ClaimScope): Promise<readonly OutboxEntry[]> {
    const now = this.options.clock.now();
    const { dueAt, isCut } = await this.earliest({ ...scope, unansweredLimit }, now);
    const holders = isCut ? scope.holders : [...dueAt.keys()];
    if (holders.length === 0) return [];
    const lease = now + this.options.leaseUs;
    const share = longestShareUs(this.options.patience);
    const parameters = [
      now,
      lease,
      limit,
      unansweredLimit,
      bytesOf(holders),
      bytesOf(scope.busyLanes),
      share,
    ];
    const [rows] = await this.options.db.query<[OutboxRow[], number]>(CLAIM, parameters);
    return this.readAll(rows);
  }

  /** When the next step that could be claimed is due; `null` when no step of these holders waits. */
  async nextDue({ unansweredLimit = 1, ...scope }: Scope): Promise<Timestamp | null> {
    const { dueAt } = await this.earliest({ ...scope, unansweredLimit }, Infinity);
    return dueAt.size === 0 ? null : parseTimestamp(Math.max(0, Math.min(...dueAt.values())));
  }

  /** Which of the scope's holders have the earliest steps that are due by then. */
  private async earliest(scope: Scope, until: number): Promise<Earliest> {
    if (scope.holders.length === 0) return { dueAt: new Map(), isCut: false };
    const ofAll = await this.look(scope, { until, owners: null });
    // Steps of those who are away fill the window: they are passed over, and the others' looked for by name.
    const isHidden = ofAll.isCut && ofAll.dueAt.size === 0;
    return isHidden ? this.look(scope, { until, owners: bytesOf(scope.holders) }) : ofAll;
  }

  private async look(
    { holders, busyLanes, unansweredLimit }: Scope,
    { until, owners }: { readonly until: number; readonly owners: readonly Uint8Array[] | null },
  ): Promise<Earliest> {
    const now = this.options.clock.now();
    const far = now + longestWaitUs(this.options.leaseUs);
    const parameters = [Math.min(until, far), bytesOf(busyLanes), unansweredLimit, owners, far];
    let rows = await this.options.db.query<EarliestRow[]>(EARLIEST, parameters);
    if (rows.some(({ holder }) => holder === null)) {
      await this.recall(now, far);
      rows = await this.options.db.query<EarliestRow[]>(EARLIEST, parameters);
    }
    const wanted = new Set<string>(rows.length === 0 ? [] : holders);
    const dueAt = new Map<string, number>();
    for (const { holder, due_at } of rows) {
      const owner = holder && toBase64Url(holder);
      if (owner !== null && wanted.has(owner)) dueAt.set(owner, Number(due_at));
    }
    return { dueAt, isCut: rows.reduce((sum, { steps }) => sum + steps, 0) >= WINDOW };
  }

  /** Makes due what no clock that is right can have put off so far: it would wait for as long as that one was wrong. */
  private async recall(now: number, far: number): Promise<void> {
    const [, recalled] = await this.options.db.query<[unknown[], number]>(RECALL, [now, far]);
    if (recalled > 0) this.options.log.warn('outbox-due-times-distrusted', { steps: recalled });
  }

  private async readAll(rows: readonly OutboxRow[]): Promise<readonly OutboxEntry[]> {
    const works: OutboxEntry[] = [];
    const [locked, damaged]: [OutboxRow[], OutboxRow[]] = [[], []];
    for (const row of rows) {
      try {
        works.push(readRow(row, (agent) => this.options.keysOf(agent)));
      } catch (error) {
        (error instanceof AgentOfflineError ? locked : damaged).push(row);
      }
    }
    // Their holders have just gone offline: who has them online may take them at once.
    await this.write(GIVE_BACK, this.options.clock.now(), locked);
    for (const { key } of damaged) this.options.log.warn(UNREADABLE, { key: `\\x${toHex(key)}` });
    await this.write(GIVE_UP, UNREADABLE, damaged);
    return works;
  }

  /** A failure leaves those rows their lease, and takes nothing from the others. */
  private async write(statement: string, value: unknown, rows: readonly OutboxRow[]): Promise<void> {
    if (rows.length === 0) return;
    const columns = [
      rows.map(({ holder }) => holder),
      rows.map(({ placement }) => placement),
      rows.map(({ key }) => key),
      rows.map(({ step }) => step),
    ];
    const names = rows.map(({ holder, placement, key, step }) => [holder, placement, key, step] as const);
    const changed = statement === GIVE_UP ? names : [];
    try {
      await notingChanges(this.options, changed, (tx) => tx.query(statement, [value, ...columns]));
    } catch (error) {
      this.options.log.warn('outbox-write-failed', {
        error: error instanceof Error ? error.name : typeof error,
      });
    }
  }
}

function bytesOf(names: readonly string[]): Uint8Array[] {
  return names.map((name) => fromBase64Url(name));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
