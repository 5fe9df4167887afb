import { type AgentKeys, BLOCK_BYTES, SLICE_BYTES, fromBase64Url, mapInSlices } from '@musubi/crypto';
import { type Rows, transact } from '@musubi/database';
import { type MessageId } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { type DataSource } from 'typeorm';
import {
  DELETE_MARKS,
  INSERT_MARKS,
  type NamedRow,
  TAKE_MARKS,
  insertMarks,
  takeUnmarked,
  unreadAmong,
  unreadOf,
} from './unread-marks.sql.js';

/** How many of before get their marks in one transaction. */
const BATCH = 1000;
const MARK_BYTES = 2 * BLOCK_BYTES;
/** Counted in one go: some 0.5 ms. */
const SLICE_MARKS_BYTES = 1024 * MARK_BYTES;

/** How many messages of a conversation are unread. @param conversation its name in its holder's tables */
type UnreadCounts = (conversation: Uint8Array) => number;

/**
 * Which messages an agent has received and not read: one row each, which only the holder's keys match with a message or
 * with another row. So the database can say how many there are in all, and the holder of which conversations (ADR 0031).
 */
export class UnreadMarks {
  constructor(
    private readonly db: DataSource,
    private readonly placement: string,
  ) {}

  /** With a message that was received. */
  rowsOf(holder: AgentKeys, row: NamedRow): Rows {
    return { statement: INSERT_MARKS, rows: [this.markOf(holder, row)] };
  }

  /** With what deletes a message. Harmless where it has no mark. @param key of the message's row */
  removalOf(holder: AgentKeys, key: Uint8Array): Rows {
    return { statement: DELETE_MARKS, rows: [this.namesOf(holder, key)] };
  }

  /** With a reading. Violates READING_ONCE where there is no mark any more. @param key of the message's row */
  takenBy(holder: AgentKeys, key: Uint8Array): Rows {
    return { statement: TAKE_MARKS, rows: [this.namesOf(holder, key)] };
  }

  /** All of a holder's, in time proportional to them: 10,000 took some 50 ms on a busy machine, 100,000 half a second. */
  async counts(holder: AgentKeys): Promise<UnreadCounts> {
    const { marks, hasUnmarked } = await unreadOf(this.db, this.scopeOf(holder));
    if (!hasUnmarked) return countsOf(holder, marks);
    await this.markSome(holder);
    return this.counts(holder);
  }

  /** Which of these messages are unread. */
  async among(holder: AgentKeys, messages: readonly MessageId[]): Promise<ReadonlySet<MessageId>> {
    if (messages.length === 0) return new Set();
    const keys = messages.map((message) => blindedKey(holder, message));
    const rows = { keys, marks: keys.map((key) => nameOf(holder, key)) };
    const places = new Set(await unreadAmong(this.db, this.scopeOf(holder), rows));
    return new Set(messages.filter((_, index) => places.has(index + 1)));
  }

  /** Gives marks to some that were unread before there were any. */
  private async markSome(holder: AgentKeys): Promise<void> {
    await transact(this.db, async (tx) => {
      const rows = await takeUnmarked(tx, this.scopeOf(holder), BATCH);
      await insertMarks(
        tx,
        rows.map((row) => this.markOf(holder, row)),
      );
    });
  }

  /** Of a mark, and of the message for one that has no mark yet. */
  private namesOf(holder: AgentKeys, key: Uint8Array): readonly unknown[] {
    return [...this.scopeOf(holder), nameOf(holder, key), key];
  }

  private scopeOf(holder: AgentKeys): readonly [holder: Uint8Array, placement: string] {
    return [fromBase64Url(holder.agent), this.placement];
  }

  private markOf(holder: AgentKeys, { key, conversation }: NamedRow): readonly unknown[] {
    const name = nameOf(holder, key);
    const pad = holder.pads(PADS, name);
    return [...this.scopeOf(holder), name, pad.map((byte, at) => byte ^ (conversation[at] ?? 0))];
  }
}

const PADS = 'musubi/unread-conversation';

/** A message's name among the marks: it is also the block whose pad hides the conversation. */
function nameOf(holder: AgentKeys, key: Uint8Array): Uint8Array {
  return holder.blind('musubi/unread', key).slice(0, BLOCK_BYTES);
}

/** In slices: others have the thread in between. @param marks name and hidden conversation of each, one after another */
async function countsOf(holder: AgentKeys, marks: Buffer): Promise<UnreadCounts> {
  const counts = new Map<string, number>();
  const slices = Array.from({ length: Math.ceil(marks.length / SLICE_MARKS_BYTES) }, (_, slice) =>
    marks.subarray(slice * SLICE_MARKS_BYTES, (slice + 1) * SLICE_MARKS_BYTES),
  );
  await mapInSlices(
    slices,
    () => SLICE_BYTES,
    (slice) => {
      addCounts(holder, slice, counts);
    },
  );
  return (conversation) => counts.get(Buffer.from(conversation).toString('latin1', 0, BLOCK_BYTES)) ?? 0;
}

function addCounts(holder: AgentKeys, marks: Buffer, counts: Map<string, number>): void {
  const total = marks.length / MARK_BYTES;
  const [names, hidden] = [Buffer.alloc(total * BLOCK_BYTES), Buffer.alloc(total * BLOCK_BYTES)];
  for (let mark = 0; mark < total; mark += 1) {
    const [from, to] = [mark * MARK_BYTES, mark * BLOCK_BYTES];
    marks.copy(names, to, from, from + BLOCK_BYTES);
    marks.copy(hidden, to, from + BLOCK_BYTES, from + MARK_BYTES);
  }
  const pads = holder.pads(PADS, names);
  for (let at = 0; at < hidden.length; at += 1) hidden[at] = (hidden[at] ?? 0) ^ (pads[at] ?? 0);
  for (let at = 0; at < hidden.length; at += BLOCK_BYTES) {
    const conversation = hidden.toString('latin1', at, at + BLOCK_BYTES);
    counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
  }
}
