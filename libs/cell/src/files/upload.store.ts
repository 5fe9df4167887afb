import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Sql, transact, violatedConstraint } from '@musubi/database';
import {
  type MessageFile,
  MICROSECONDS_PER_DAY,
  type Timestamp,
  UploadLimitReachedError,
  UploadUnknownError,
  type UploadId,
  dayOf,
  idSchema,
  messageFileSchema,
  parseFileDigest,
  parseTimestamp,
  parseUploadId,
} from '@musubi/messaging';
import { z } from 'zod';
import { atHome, requireAtHome } from '../home/at-home.js';
import { CHUNK_OF_FILE, COMPLETE_UPLOAD, DISCARD, FIND_UPLOAD, LIST_UPLOADS, UPLOADS } from './file.sql.js';
import { type ChunkRow, type FileStore, bytesOf, wholeRow } from './file.store.js';
import { type FileRecord, type FoundFile, heldFileOf } from './held-file.js';

const DOMAIN = 'musubi/upload';
/** How many an agent may have begun and not completed. */
export const MAX_UPLOADS = 16;
const LIFETIME_US = MICROSECONDS_PER_DAY;

const newUploadSchema = messageFileSchema
  .pick({ name: true, mediaType: true, size: true })
  .extend({ digest: idSchema(parseFileDigest).nullable() });
/** What is announced. The digest is that of all bytes, where it is known before. */
export type NewUpload = z.infer<typeof newUploadSchema>;

const recordSchema = newUploadSchema.extend({
  key: messageFileSchema.shape.key,
  expiresAt: z.number().transform(parseTimestamp),
});
/** What a row says of an upload. */
type UploadRecord = z.infer<typeof recordSchema>;

export interface Begun {
  readonly upload: UploadId;
  readonly expiresAt: Timestamp;
}

/** An upload that goes on. */
export interface UnfinishedUpload extends UploadRecord {
  readonly slot: Uint8Array;
  /** How many are stored: the first ones, without a gap. */
  readonly chunks: number;
}

/** One that is complete has become a file. */
export type FoundUpload =
  | { readonly file: MessageFile; readonly unfinished: null }
  | { readonly file: null; readonly unfinished: UnfinishedUpload };

type UploadRow = FoundFile & {
  readonly chunks: number;
  /** The chunks are the first ones. */
  readonly is_gapless: boolean;
  /** What is counted against the quota, as digits. */
  readonly bytes: string;
  readonly day: number | null;
};

/** The rows of uploads: those of files that are not whole, and say what they are to become. Sealed with the agent's own key. */
export class UploadStore {
  constructor(private readonly files: FileStore) {}

  /** Lets go of those that expired, and makes room. @throws UploadLimitReachedError, FileQuotaExceededError, AgentMovedError */
  async begin(keys: AgentKeys, upload: NewUpload & Pick<UploadRecord, 'key'>): Promise<Begun> {
    const expiresAt = parseTimestamp(this.now() + LIFETIME_US);
    const sealed = keys.seal(encodeCanonical({ ...upload, expiresAt }), DOMAIN);
    const row = { size: upload.size, key: null, sealed };
    const slot = await this.files.reserveRow(keys, row, (tx) => this.makePlace(tx, keys));
    return { upload: parseUploadId(toBase64Url(slot)), expiresAt };
  }

  /** @throws UploadUnknownError also for one that has expired, or that cannot go on: it is gone */
  async find(keys: AgentKeys, id: UploadId): Promise<FoundUpload> {
    const { db } = this.files.parts;
    const [row] = await db.query<UploadRow[]>(FIND_UPLOAD, [fromBase64Url(keys.agent), fromBase64Url(id)]);
    if (row === undefined) throw unknownUpload();
    if (row.is_whole) return { file: heldFileOf(keys, row).file, unfinished: null };
    const record = this.soundRecord(keys, row);
    if (record !== null) {
      const { chunks, slot } = row;
      return { file: null, unfinished: { ...record, slot, chunks } };
    }
    await this.files.discard(keys, row.slot);
    throw unknownUpload();
  }

  /** Those that can go on, the oldest first. */
  async list(keys: AgentKeys): Promise<readonly UnfinishedUpload[]> {
    const rows = await this.files.parts.db.query<UploadRow[]>(LIST_UPLOADS, [fromBase64Url(keys.agent)]);
    const uploads = rows.flatMap((row) => {
      const record = this.soundRecord(keys, row);
      return record === null ? [] : [{ ...record, slot: row.slot, chunks: row.chunks }];
    });
    return uploads.toSorted((first, second) => first.expiresAt - second.expiresAt);
  }

  /** @returns whether it was not there yet. @throws UploadUnknownError when the upload is gone, AgentMovedError */
  async addRow(keys: AgentKeys, { slot }: UnfinishedUpload, row: ChunkRow): Promise<boolean> {
    try {
      return await this.files.addRow(keys, slot, row);
    } catch (error) {
      throw violatedConstraint(error) === CHUNK_OF_FILE ? unknownUpload(error) : error;
    }
  }

  /** @returns whether it was not complete, or gone, before. @throws AgentMovedError */
  async complete(keys: AgentKeys, { slot }: UnfinishedUpload, record: FileRecord): Promise<boolean> {
    const row = [fromBase64Url(keys.agent), slot, ...wholeRow(keys, record), dayOf(this.now())];
    const query = (): Promise<[unknown[], number]> => this.files.parts.db.query(COMPLETE_UPLOAD, row);
    const [, count] = await atHome(query);
    return count > 0;
  }

  /** @returns whether it was there, and not complete. @throws AgentMovedError: what leaves with its agent leaves whole */
  async remove({ agent }: AgentKeys, { slot }: UnfinishedUpload): Promise<boolean> {
    const [, count] = await atHome(() =>
      transact(this.files.parts.db, async (tx) => {
        await requireAtHome(tx, agent);
        return tx.query<[unknown[], number]>(DISCARD, [fromBase64Url(agent), slot]);
      }),
    );
    return count > 0;
  }

  /** @returns whether there were any. @throws AgentMovedError */
  async removeExpired(keys: AgentKeys): Promise<boolean> {
    const { db } = this.files.parts;
    return atHome(() =>
      transact(db, async (tx) => {
        await requireAtHome(tx, keys.agent);
        const { all, left } = await this.discardExpired(tx, keys);
        return left < all;
      }),
    );
  }

  private async makePlace(tx: Sql, keys: AgentKeys): Promise<void> {
    const { left } = await this.discardExpired(tx, keys);
    if (left >= MAX_UPLOADS)
      throw new UploadLimitReachedError(`an agent has at most ${MAX_UPLOADS} uploads under way`);
  }

  private async discardExpired(
    tx: Sql,
    keys: AgentKeys,
  ): Promise<{ readonly all: number; readonly left: number }> {
    const holder = fromBase64Url(keys.agent);
    const rows = await tx.query<Pick<FoundFile, 'slot' | 'sealed'>[]>(UPLOADS, [holder]);
    const expired = rows.filter(({ sealed }) => !this.isInTime(recordOf(keys, sealed)));
    for (const { slot } of expired) await tx.query(DISCARD, [holder, slot]);
    return { all: rows.length, left: rows.length - expired.length };
  }

  /** @returns null for a row that no upload of this node has: an agent's file may bring any */
  private soundRecord(keys: AgentKeys, { bytes, day, is_gapless, sealed }: UploadRow): UploadRecord | null {
    const record = recordOf(keys, sealed);
    if (record === null || !this.isInTime(record)) return null;
    return is_gapless && day !== null && Number(bytes) >= bytesOf(record.size) ? record : null;
  }

  /** One that was begun under a clock far ahead would never expire. */
  private isInTime(record: UploadRecord | null): boolean {
    if (record === null) return false;
    const leftUs = record.expiresAt - this.now();
    return leftUs > 0 && leftUs <= 2 * LIFETIME_US;
  }

  private now(): Timestamp {
    return this.files.parts.clock.now();
  }
}

/** @returns null for what cannot be read: it was tampered with, or a later version wrote it */
function recordOf(keys: AgentKeys, sealed: Uint8Array): UploadRecord | null {
  try {
    return recordSchema.parse(decodeCanonical(keys.open(sealed, DOMAIN)));
  } catch {
    return null;
  }
}

export function unknownUpload(cause?: unknown): UploadUnknownError {
  return new UploadUnknownError('this agent has no such upload', { cause });
}
