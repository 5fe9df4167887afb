import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { transact } from '@musubi/database';
import {
  type AgentPubKey,
  type Cursor,
  type HeldMessage,
  InvalidCursorError,
  rangeThatFits,
} from '@musubi/messaging';
import { type KeySource } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import { BEGINNING, type FeedState, changeCursorOf, claimedPlace, endOf } from './change-cursor.js';
import { type ChangedRow, beginEpoch, changeState, changedRows, numberChanges } from './changes.sql.js';
import { type Position } from './cursor.js';
import { History } from './history.js';
import { rowsWithin } from './page.sql.js';
import { type UnsealedRow, held } from './placed-message.js';

/** A message as it is now, because something of it changed. */
export interface ChangedMessage {
  readonly placement: string;
  readonly held: HeldMessage;
  /** The holder put its tombstone on it. */
  readonly isDeleted: boolean;
}

interface MessageChange extends ChangedMessage {
  /** Later changes of the agent's have higher numbers. */
  readonly number: bigint;
  /** Leads to what comes after this change. */
  readonly cursor: Cursor;
}

interface ChangePageOptions {
  readonly limit: number;
  /** Reads what is shown with the messages: before the cursors are made, so that they vouch for it, too. */
  readonly beside?: (messages: readonly ChangedMessage[]) => Promise<void>;
}

export interface ChangePage {
  readonly changes: readonly MessageChange[];
  /** How many more there are on the page that cannot be read; absent when there are none. */
  readonly unreadable?: number;
  /** Where the next page begins, whether there is one yet or not. */
  readonly next: Cursor;
  /** Nothing has changed after this page yet. */
  readonly isLast: boolean;
}

/** How many changes are numbered at once at most: a transaction of some 0.1 s. */
const BATCH = 1000;
/** Among how many the earliest are looked for. */
const WINDOW = 20_000;
/** How many batches `latest` numbers at most. */
const MAX_BATCHES = 20;

/**
 * What is new or changed for an agent, over all placements, in the order in which it arrived: each message once, at its
 * last change. Who writes numbers no changes, and so waits for nobody: who reads does (ADR 0026). A cursor holds for as
 * long as the database has the state it was made in, and is refused once an older backup was restored (ADR 0035).
 */
export class ChangeFeed {
  /** Set once this process has begun an epoch of its own: it may be the first since the database was restored. */
  private hasBegun = false;

  constructor(
    private readonly db: DataSource,
    private readonly keys: KeySource,
  ) {}

  /**
   * What changed after the cursor; everything when it is `null`.
   * @throws InvalidCursorError, AgentOfflineError
   */
  async after(
    agent: AgentPubKey,
    cursor: Cursor | null,
    { limit, beside }: ChangePageOptions,
  ): Promise<ChangePage> {
    const holder = this.keys.keysOf(agent);
    const from = await this.begin(holder, cursor);
    const found = await changedRows(this.db, fromBase64Url(agent), { from, limit: limit + 1 });
    const rows = rowsWithin(found, limit);
    const messages = await new History(this.db, this.keys, '').unseal(holder, rows);
    const sizes = messages.map(({ bytes }) => bytes);
    const [, to] = rangeThatFits(sizes, 0);
    const page = rows.slice(0, to);
    const isLast = found.length <= page.length;
    const end = page.at(-1);
    if (end === undefined)
      return { changes: [], next: cursor ?? changeCursorOf(holder, BEGINNING, NOTHING), isLast };
    const read = readable(page, messages);
    await beside?.(read.map(({ changed }) => changed));
    const state = await this.number(agent);
    const cursorAt = (row: ChangedRow): Cursor => changeCursorOf(holder, positionOf(row), state);
    const changes = read.map(({ changed, row }) => ({
      ...changed,
      number: BigInt(row.change),
      cursor: cursorAt(row),
    }));
    const unreadable = page.length - changes.length;
    return { changes, ...(unreadable === 0 ? {} : { unreadable }), next: cursorAt(end), isLast };
  }

  /**
   * The cursor after everything that is there. Where more than 20,000 changes were never asked for, some of them may
   * still come after it. @throws AgentOfflineError
   */
  async latest(agent: AgentPubKey): Promise<Cursor> {
    return (await this.latestPlace(agent)).cursor;
  }

  /** The same, and whether everything that was there comes before it. @throws AgentOfflineError */
  async latestPlace(agent: AgentPubKey): Promise<{ readonly cursor: Cursor; readonly isAfterAll: boolean }> {
    const holder = this.keys.keysOf(agent);
    let state = await this.number(agent);
    let numbered = BATCH;
    for (let batches = 1; batches < MAX_BATCHES; batches += 1) {
      const before = state.last;
      state = await this.number(agent);
      numbered = Number(state.last - before);
      if (numbered < BATCH) break;
    }
    return { cursor: changeCursorOf(holder, endOf(state.last), state), isAfterAll: numbered < BATCH };
  }

  /** Whether nothing has changed since `latest` made the cursor. @throws InvalidCursorError, AgentOfflineError */
  async isLatest(agent: AgentPubKey, cursor: Cursor): Promise<boolean> {
    const place = claimedPlace(cursor);
    const state = await changeState(this.db, fromBase64Url(agent), place.last);
    const { position } = place.verify(this.keys.keysOf(agent), state.askedEpoch);
    return position === state.last && !state.hasUnnumbered;
  }

  /** Numbers what there is to number. @returns where the cursor leads @throws InvalidCursorError */
  private async begin(holder: AgentKeys, cursor: Cursor | null): Promise<Position> {
    const place = cursor === null ? null : claimedPlace(cursor);
    const state = await changeState(this.db, fromBase64Url(holder.agent), place?.last ?? 0n);
    const from = place === null ? EVERYTHING : place.verify(holder, state.askedEpoch);
    if (place !== null && place.last > state.last) {
      throw new InvalidCursorError('this cursor is of a later state of the database');
    }
    if (state.hasUnnumbered) await this.numberBatch(holder.agent);
    return from;
  }

  /**
   * Numbers what has no number yet, up to a batch.
   * @returns the last number: a new one, unless nothing has changed since it was taken. So what was read before is told
   * by a number that no earlier backup has.
   */
  private async number(agent: AgentPubKey): Promise<FeedState> {
    const state = await changeState(this.db, fromBase64Url(agent), 0n);
    return state.hasUnnumbered ? this.numberBatch(agent) : state;
  }

  private async numberBatch(agent: AgentPubKey): Promise<FeedState> {
    const state =
      (this.hasBegun ? await this.numberOnce(agent) : null) ?? (await this.numberOnce(agent, true));
    if (state === null) throw new Error('an epoch was begun in this transaction');
    this.hasBegun = true;
    return state;
  }

  private numberOnce(agent: AgentPubKey, begins = false): Promise<FeedState | null> {
    return transact(this.db, async (tx) => {
      if (begins) await beginEpoch(tx);
      return numberChanges(tx, fromBase64Url(agent), { window: WINDOW, limit: BATCH });
    });
  }
}

/** Also what has the number 0 and any key. */
const EVERYTHING: Position = { ...BEGINNING, position: -1n };
/** The state of which a cursor before everything is: it vouches for nothing. */
const NOTHING: FeedState = { last: 0n, epoch: new Uint8Array() };

/** Those that can be read. */
function readable(
  rows: readonly ChangedRow[],
  messages: readonly UnsealedRow[],
): readonly { readonly changed: ChangedMessage; readonly row: ChangedRow }[] {
  return rows.flatMap((row, index) => {
    const found = messages[index]?.found ?? null;
    if (found === null) return [];
    const { placement, is_deleted: isDeleted } = row;
    return [{ changed: { placement, held: held(found), isDeleted }, row }];
  });
}

function positionOf({ change, key }: ChangedRow): Position {
  return { position: BigInt(change), key };
}
