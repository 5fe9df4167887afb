import { type AgentKeys, type RandomBytes, fromBase64Url } from '@musubi/crypto';
import { type Rows, type Sql, transact, violatedConstraint } from '@musubi/database';
import {
  type Clock,
  type FileId,
  FileInUseError,
  FileNotFoundError,
  FileQuotaExceededError,
  MAX_FILE_BYTES,
  type MessageId,
  type StrategyName,
  dayOf,
} from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { atHome, requireAtHome } from '../home/at-home.js';
import {
  ADD_CHUNK,
  COMPLETE,
  DISCARD,
  EXPIRE,
  FIND,
  FIND_CHUNK,
  LOCK,
  PLACES,
  RELEASE,
  REMOVE,
  RENEW,
  RESERVE,
  USE,
  USE_OF_FILE,
} from './file.sql.js';
import { CHUNK_ROW_DOMAIN, ChunkRoom, type RowPart } from './chunk-room.js';
import { type FileRecord, type FoundFile, type HeldFile, heldFileOf, sealRecord } from './held-file.js';
import { sealedFileBytes } from './sealed-file.js';

const SLOT_BYTES = 16;
/** What a file takes besides its chunks, at most. */
const BESIDES_BYTES = 8192;
/** An upload of yesterday may be of a minute ago. */
const EXPIRED_DAYS = 2;

export interface FileStoreParts {
  readonly db: DataSource;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
  /** What the files of one agent may take. */
  readonly quotaBytes: number;
}

/** Of a file of which nothing is there yet. */
interface NewRow {
  readonly size: number;
  /** As `fileKey` blinds it; `null` until its id is known. */
  readonly key: Uint8Array | null;
  readonly sealed: Uint8Array;
}

/** A chunk as it travels. */
export interface SealedChunk {
  /** From 0. */
  readonly place: number;
  readonly sealed: Uint8Array;
}

/** A chunk as its row has it: sealed by its holder over the file's own seal. */
export interface ChunkRow {
  readonly place: number;
  readonly body: Uint8Array;
}

/** Which chunk, and where to put it. */
export interface ChunkAt {
  readonly place: number;
  readonly room: ChunkRoom;
}

interface InSlot {
  readonly slot: Uint8Array;
}

/** A message of its holder's, as a row names it: nobody else can compute or match it. */
export interface FileUser {
  readonly strategy: StrategyName;
  readonly message: MessageId;
}

/** The rows of the files that each agent of this node holds. Everything in them is sealed with the agent's own key. */
export class FileStore {
  constructor(readonly parts: FileStoreParts) {}

  /**
   * Makes room for a file of which nothing is there yet, and lets go of files that expired.
   * @param record of a file that is known already. @throws FileQuotaExceededError, AgentMovedError
   */
  async reserve(keys: AgentKeys, size: number, record: FileRecord | null = null): Promise<Uint8Array> {
    const key = record === null ? null : fileKey(keys, record.file.id);
    const sealed = record === null ? new Uint8Array() : sealRecord(keys, record);
    return this.reserveRow(keys, { size, key, sealed });
  }

  /** @param prepare runs first, while nothing else is reserved for the agent. @throws FileQuotaExceededError, AgentMovedError */
  async reserveRow(
    keys: AgentKeys,
    { key, sealed, size }: NewRow,
    prepare: (tx: Sql) => Promise<void> = () => Promise.resolve(),
  ): Promise<Uint8Array> {
    const { clock, db, quotaBytes, random } = this.parts;
    const holder = fromBase64Url(keys.agent);
    const today = dayOf(clock.now());
    const slot = random(SLOT_BYTES);
    const row = [holder, slot, key, bytesOf(size), today, sealed, quotaBytes, arrivingBytes(quotaBytes)];
    const reserved = await atHome(() =>
      transact(db, async (tx) => {
        await tx.query(LOCK, [holder]);
        await tx.query(EXPIRE, [today - EXPIRED_DAYS + 1]);
        await prepare(tx);
        return tx.query<unknown[]>(RESERVE, row);
      }),
    );
    if (reserved.length === 0)
      throw new FileQuotaExceededError('the files of this agent leave no room for another');
    return slot;
  }

  /** A file that goes on arriving does not expire. */
  async renew({ agent }: AgentKeys, { slot }: HeldFile): Promise<void> {
    const { clock, db } = this.parts;
    await db.query(RENEW, [fromBase64Url(agent), slot, dayOf(clock.now())]);
  }

  /** A chunk of somebody else's. @throws as `addRow` does */
  async addChunk(keys: AgentKeys, slot: Uint8Array, { place, sealed }: SealedChunk): Promise<void> {
    await this.addRow(keys, slot, { place, body: keys.sealFixed(sealed, CHUNK_ROW_DOMAIN) });
  }

  /**
   * A chunk as its row has it. @returns whether it was not there yet
   * @throws AgentMovedError; an error of the database when the file is gone: it violates CHUNK_OF_FILE
   */
  async addRow({ agent }: AgentKeys, slot: Uint8Array, { body, place }: ChunkRow): Promise<boolean> {
    const query = (): Promise<unknown[]> =>
      this.parts.db.query(ADD_CHUNK, [fromBase64Url(agent), slot, place, body]);
    return (await atHome(query)).length > 0;
  }

  /** All chunks are there: from here on it can be found. @throws FileNotFoundError when it has expired meanwhile */
  async complete(keys: AgentKeys, slot: Uint8Array, record: FileRecord): Promise<void> {
    const row = [fromBase64Url(keys.agent), slot, ...wholeRow(keys, record)];
    const query = (): Promise<[unknown[], number]> => this.parts.db.query(COMPLETE, row);
    const [, count] = await atHome(query);
    if (count === 0) throw new FileNotFoundError('the file was not completed in time');
  }

  /** Of a file that is not complete. */
  async discard({ agent }: AgentKeys, slot: Uint8Array): Promise<void> {
    await this.parts.db.query(DISCARD, [fromBase64Url(agent), slot]);
  }

  /** Of a file that is complete. @throws FileNotFoundError, AgentMovedError; FileInUseError while a message refers to it */
  async remove(keys: AgentKeys, id: FileId): Promise<void> {
    const row = [fromBase64Url(keys.agent), fileKey(keys, id)];
    try {
      const [, count] = await atHome(() =>
        transact(this.parts.db, async (tx) => {
          // What leaves with its agent leaves whole.
          await requireAtHome(tx, keys.agent);
          return tx.query<[unknown[], number]>(REMOVE, row);
        }),
      );
      if (count === 0) throw new FileNotFoundError('this agent holds no such file');
    } catch (error) {
      if (violatedConstraint(error) !== USE_OF_FILE) throw error;
      throw new FileInUseError('a message refers to the file', { cause: error });
    }
  }

  /** Be it arriving still; `null` when there is none. */
  async find(keys: AgentKeys, id: FileId): Promise<HeldFile | null> {
    const [row] = await this.parts.db.query<FoundFile[]>(FIND, [
      fromBase64Url(keys.agent),
      fileKey(keys, id),
    ]);
    return row === undefined ? null : heldFileOf(keys, row);
  }

  /** The chunks that are there. */
  async placesOf({ agent }: AgentKeys, { slot }: HeldFile): Promise<ReadonlySet<number>> {
    const rows = await this.parts.db.query<{ place: number }[]>(PLACES, [fromBase64Url(agent), slot]);
    return new Set(rows.map(({ place }) => place));
  }

  /** As it travels, in room of its own. @throws FileNotFoundError when it is not there */
  sealedChunk(keys: AgentKeys, held: InSlot, place: number): Promise<Uint8Array> {
    return this.sealedChunkIn(keys, held, { place, room: new ChunkRoom() });
  }

  /** As it travels, in the room that is given. @throws FileNotFoundError when it is not there */
  async sealedChunkIn(keys: AgentKeys, { slot }: InSlot, { place, room }: ChunkAt): Promise<Uint8Array> {
    const row = [fromBase64Url(keys.agent), slot, place];
    const parts = await this.parts.db.query<RowPart[]>(FIND_CHUNK, row);
    if (parts.length === 0) throw new FileNotFoundError('this agent does not hold that chunk');
    return room.openRow(keys, parts);
  }

  /** A message refers to a file: commits with the message. When the file is gone by then, it violates USE_OF_FILE. */
  used(keys: AgentKeys, user: FileUser, slot: Uint8Array): Rows {
    return { statement: USE, rows: [[fromBase64Url(keys.agent), userKey(keys, user), slot]] };
  }

  /** A message refers to its file no more: commits with the tombstone. The last one frees the file. */
  released(keys: AgentKeys, user: FileUser): Rows {
    return { statement: RELEASE, rows: [[fromBase64Url(keys.agent), userKey(keys, user)]] };
  }
}

/** What a row of a complete file says besides its slot. */
export function wholeRow(keys: AgentKeys, record: FileRecord): readonly [Uint8Array, number, Uint8Array] {
  const { id, size } = record.file;
  return [fileKey(keys, id), bytesOf(size), sealRecord(keys, record)];
}

/** What a file takes. It stands in a row in the clear, and so must not tell more of the size than the chunks do. */
/** What a file of that size is counted as. */
export function bytesOf(size: number): number {
  return sealedFileBytes(size) + BESIDES_BYTES;
}

/** Half of the quota, and at least one file of the largest size. */
function arrivingBytes(quotaBytes: number): number {
  return Math.max(Math.floor(quotaBytes / 2), bytesOf(MAX_FILE_BYTES));
}

function fileKey(keys: AgentKeys, id: FileId): Uint8Array {
  return keys.blind('musubi/file', fromBase64Url(id));
}

function userKey(keys: AgentKeys, { strategy, message }: FileUser): Uint8Array {
  return keys.blind('musubi/file-use', new TextEncoder().encode(strategy), fromBase64Url(message));
}
