import { createHash } from 'node:crypto';
import { type AgentKeys, toBase64Url } from '@musubi/crypto';
import {
  FileIncompleteError,
  type FileDigest,
  type FileId,
  FileNotFoundError,
  FileQuotaExceededError,
  InvalidMessageError,
  MAX_FILE_BYTES,
  type MessageFile,
  parseFileDigest,
  parseFileKey,
} from '@musubi/messaging';
import { violatedConstraint } from '@musubi/database';
import { entryHash, largeEntryHash } from '../chain/action.js';
import { type Hash } from '../chain/hash.js';
import { ChunkRoom, openChunkInPlace } from './chunk-room.js';
import { chunksOf } from './chunks-of.js';
import { CHUNK_OF_FILE, FILE_ONCE } from './file.sql.js';
import { type FileStore, type SealedChunk } from './file.store.js';
import { type FileRecord, type HeldFile } from './held-file.js';
import {
  CHUNK_BYTES,
  FILE_KEY_BYTES,
  fileIdOf,
  openManifest,
  sealManifest,
  sealedChunkBytes,
} from './sealed-file.js';
import { Uploads } from './uploads.js';

/** What is uploaded. */
export interface NewFile {
  readonly name: string;
  readonly mediaType: string;
  /** As far as it is known before; at most so many bytes are read. */
  readonly size: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
  /** Throws for what is not to be kept: it has all been read, and nothing of it can be found yet. */
  readonly check: (read: { readonly size: number; readonly digest: FileDigest }) => void;
}

/** Bytes of a file, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A chunk that a holder lacks. */
export interface MissingChunk {
  readonly place: number;
  readonly name: Hash;
}

/** The files that the agents of this node hold: their own uploads, and what came with messages. See ADR 0048. */
export class Files {
  readonly uploads: Uploads;

  constructor(readonly store: FileStore) {
    this.uploads = new Uploads(store);
  }

  /** Keeps a file, or nothing. @throws FileQuotaExceededError, AgentMovedError, and what `check` and the content throw */
  async upload(keys: AgentKeys, upload: NewFile): Promise<MessageFile> {
    const slot = await this.reserve(keys, upload.size ?? MAX_FILE_BYTES);
    try {
      const record = await this.addContent(keys, slot, upload);
      await this.store.complete(keys, slot, record);
      return record.file;
    } catch (error) {
      // What is not discarded now expires.
      await this.store.discard(keys, slot).catch(() => undefined);
      throw error;
    }
  }

  /** Uploads that have expired take no room from a file that comes. @throws FileQuotaExceededError, AgentMovedError */
  private async reserve(
    keys: AgentKeys,
    size: number,
    record: FileRecord | null = null,
  ): Promise<Uint8Array> {
    try {
      return await this.store.reserve(keys, size, record);
    } catch (error) {
      if (!(error instanceof FileQuotaExceededError) || !(await this.uploads.removeExpired(keys)))
        throw error;
      return this.store.reserve(keys, size, record);
    }
  }

  /** A file that is whole. @throws FileNotFoundError */
  async find(keys: AgentKeys, id: FileId): Promise<HeldFile> {
    const held = await this.store.find(keys, id);
    if (held?.isWhole !== true) throw new FileNotFoundError('this agent holds no such file');
    return held;
  }

  /** Lets go of a file that no message refers to. @throws FileNotFoundError, FileInUseError, AgentMovedError */
  remove(keys: AgentKeys, id: FileId): Promise<void> {
    return this.store.remove(keys, id);
  }

  /** Its bytes, chunk by chunk, as they are asked for. @throws FileNotFoundError when it goes meanwhile */
  bytes(keys: AgentKeys, held: HeldFile, range: ByteRange): AsyncGenerator<Uint8Array> {
    return this.read(keys, held, { ...range, roomFor: () => new ChunkRoom() });
  }

  /** The same in two rooms, turn and turn about: each part is good until the next but one is asked for. */
  bytesInTurn(keys: AgentKeys, held: HeldFile, range: ByteRange): AsyncGenerator<Uint8Array> {
    const rooms = [new ChunkRoom(), new ChunkRoom()] as const;
    return this.read(keys, held, { ...range, roomFor: (place) => rooms[place % 2 === 0 ? 0 : 1] });
  }

  private async *read(
    keys: AgentKeys,
    held: HeldFile,
    { first, last, roomFor }: ByteRange & { readonly roomFor: (place: number) => ChunkRoom },
  ): AsyncGenerator<Uint8Array> {
    const { key } = held.file;
    for (let place = Math.floor(first / CHUNK_BYTES); place * CHUNK_BYTES <= last; place += 1) {
      const sealed = await this.store.sealedChunkIn(keys, held, { place, room: roomFor(place) });
      const start = place * CHUNK_BYTES;
      yield openChunkInPlace({ key, place }, sealed).subarray(Math.max(0, first - start), last + 1 - start);
    }
  }

  /**
   * What a message refers to: whole, and what the message says that it is.
   * @returns its slot. @throws FileIncompleteError while chunks are missing; InvalidMessageError when it is another file
   */
  require(keys: AgentKeys, file: MessageFile): Promise<Uint8Array> {
    return whileThere(() => this.requireWhole(keys, file));
  }

  private async requireWhole(keys: AgentKeys, file: MessageFile): Promise<Uint8Array> {
    const held = await this.store.find(keys, file.id);
    if (held === null) throw new FileIncompleteError('none of the file is here');
    if (held.isWhole) {
      if (!isSame(held.file, file)) throw new InvalidMessageError('the file is another one');
      return held.slot;
    }
    const { length } = await this.missing(keys, held);
    if (length > 0) throw new FileIncompleteError(`${length} chunks of the file are missing`);
    await this.requireRead(keys, held, file);
    return held.slot;
  }

  /**
   * Begins to take a file that is announced, or goes on. @returns the chunks that are missing
   * @throws InvalidMessageError, FileQuotaExceededError, AgentMovedError
   */
  async expect(keys: AgentKeys, { file, manifest }: FileRecord): Promise<readonly MissingChunk[]> {
    openManifest(file, manifest);
    const held = await this.store.find(keys, file.id);
    if (held !== null) {
      if (!held.isWhole) await this.store.renew(keys, held);
      return this.missing(keys, held);
    }
    try {
      await this.reserve(keys, file.size, { file, manifest });
    } catch (error) {
      if (violatedConstraint(error) !== FILE_ONCE) throw error;
    }
    return this.expect(keys, { file, manifest });
  }

  /**
   * Takes a chunk of a file that is expected, as it travels.
   * @throws FileIncompleteError when it is expected no more, so that it is announced again; InvalidMessageError
   */
  async take(keys: AgentKeys, id: FileId, { place, sealed }: SealedChunk): Promise<void> {
    const held = await this.store.find(keys, id);
    if (held === null) throw new FileIncompleteError('no such file is expected');
    if (held.names[place] !== entryHash(sealed)) throw new InvalidMessageError('the chunk is another one');
    // The quota counts the size that the file was announced with.
    if (sealed.length !== sealedChunkBytes(held.file.size, place))
      throw new InvalidMessageError('the chunk has another size');
    if (!held.isWhole) await whileThere(() => this.store.addChunk(keys, held.slot, { place, sealed }));
  }

  private async addContent(keys: AgentKeys, slot: Uint8Array, upload: NewFile): Promise<FileRecord> {
    const { random } = this.store.parts;
    const key = parseFileKey(toBase64Url(random(FILE_KEY_BYTES)));
    const digesting = createHash('sha256');
    const names: Hash[] = [];
    let size = 0;
    const room = new ChunkRoom();
    for await (const chunk of chunksOf(upload.content, room.text)) {
      digesting.update(chunk);
      size += chunk.length;
      const place = names.length;
      names.push(largeEntryHash(room.seal({ key, place }, chunk.length, random)));
      await this.store.addRow(keys, slot, { place, body: room.sealRow(keys) });
    }
    const digest = parseFileDigest(digesting.digest('base64url'));
    upload.check({ size, digest });
    const manifest = sealManifest(key, names, random);
    const { name, mediaType } = upload;
    return { file: { id: fileIdOf(manifest), name, mediaType, size, digest, key }, manifest };
  }

  private async missing(keys: AgentKeys, held: HeldFile): Promise<readonly MissingChunk[]> {
    if (held.isWhole) return [];
    const places = await this.store.placesOf(keys, held);
    return held.names.map((name, place) => ({ place, name })).filter(({ place }) => !places.has(place));
  }

  /**
   * Reads a file once, whatever comes of it. It is held against what it was announced as: then it is complete, or discarded.
   * @throws FileIncompleteError when it is to be brought again; InvalidMessageError when the message's is another one
   */
  private async requireRead(keys: AgentKeys, held: HeldFile, file: MessageFile): Promise<void> {
    const isAnnounced = isSame(held.file, file);
    if (!(await this.isContentRight(keys, held))) {
      await this.store.discard(keys, held.slot);
      if (isAnnounced) throw new InvalidMessageError('the file is not what the message says');
      throw new FileIncompleteError('what came was not the file');
    }
    await this.store.complete(keys, held.slot, isAnnounced ? { ...held, file } : held);
    if (!isAnnounced) throw new InvalidMessageError('the file is another one');
  }

  private async isContentRight(keys: AgentKeys, held: HeldFile): Promise<boolean> {
    try {
      const { digest, size } = await this.contentOf(keys, held);
      return size === held.file.size && digest === held.file.digest;
    } catch (error) {
      if (error instanceof InvalidMessageError) return false;
      throw error;
    }
  }

  /** Opens all chunks, one after another. */
  private async contentOf(keys: AgentKeys, held: HeldFile): Promise<Pick<MessageFile, 'digest' | 'size'>> {
    const digesting = createHash('sha256');
    const room = new ChunkRoom();
    let size = 0;
    for (const place of held.names.keys()) {
      const sealed = await this.store.sealedChunkIn(keys, held, { place, room });
      const chunk = openedChunk(held, place, sealed);
      digesting.update(chunk);
      size += chunk.length;
    }
    return { digest: parseFileDigest(digesting.digest('base64url')), size };
  }
}

function openedChunk(held: HeldFile, place: number, sealed: Uint8Array): Uint8Array {
  const chunk = openedBy(held.file, place, sealed);
  // Else ranges would be other bytes than the whole.
  if (place < held.names.length - 1 && chunk.length !== CHUNK_BYTES)
    throw new InvalidMessageError('a chunk has another size');
  return chunk;
}

function openedBy({ key }: MessageFile, place: number, sealed: Uint8Array): Uint8Array {
  try {
    return openChunkInPlace({ key, place }, sealed);
  } catch (error) {
    throw new InvalidMessageError('a chunk does not open', { cause: error });
  }
}

/** What a holder lacks can be brought again. @throws FileIncompleteError when the file goes meanwhile; what `work` does */
async function whileThere<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isGone = error instanceof FileNotFoundError || violatedConstraint(error) === CHUNK_OF_FILE;
    throw isGone ? new FileIncompleteError('the file has just gone', { cause: error }) : error;
  }
}

/** Its name and its type are the message's own. */
function isSame(held: MessageFile, file: MessageFile): boolean {
  return held.size === file.size && held.digest === file.digest && held.key === file.key;
}
