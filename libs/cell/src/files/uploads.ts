import { createHash } from 'node:crypto';
import { type AgentKeys, toBase64Url } from '@musubi/crypto';
import {
  FileNotFoundError,
  type MessageFile,
  type Timestamp,
  UploadMismatchError,
  UploadOffsetError,
  type UploadId,
  parseFileDigest,
  parseFileKey,
  parseUploadId,
} from '@musubi/messaging';
import { largeEntryHash } from '../chain/action.js';
import { type Hash } from '../chain/hash.js';
import { ChunkRoom, openChunkInPlace } from './chunk-room.js';
import { chunksOf } from './chunks-of.js';
import { type ChunkAt, type FileStore } from './file.store.js';
import { type FileRecord } from './held-file.js';
import { CHUNK_BYTES, FILE_KEY_BYTES, chunkCount, fileIdOf, sealManifest } from './sealed-file.js';
import {
  type Begun,
  type FoundUpload,
  type NewUpload,
  type UnfinishedUpload,
  UploadStore,
  unknownUpload,
} from './upload.store.js';

/** Where an upload stands. */
export interface UploadState {
  readonly size: number;
  /** How many of its bytes are stored. */
  readonly offset: number;
  /** Once all of them are, and it is complete. */
  readonly file: MessageFile | null;
}

/** One that can go on. */
export interface OpenUpload extends NewUpload {
  readonly upload: UploadId;
  /** How many of its bytes are stored. */
  readonly offset: number;
  readonly expiresAt: Timestamp;
}

interface Appended {
  readonly offset: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Uploads that go on after a break: of the sender, of the connection, of this process, of the agent's node. See ADR 0055. */
export class Uploads {
  private readonly store: UploadStore;

  constructor(private readonly files: FileStore) {
    this.store = new UploadStore(files);
  }

  /** @throws UploadLimitReachedError, FileQuotaExceededError, AgentMovedError */
  begin(keys: AgentKeys, upload: NewUpload): Promise<Begun> {
    const key = parseFileKey(toBase64Url(this.files.parts.random(FILE_KEY_BYTES)));
    return this.store.begin(keys, { ...upload, key });
  }

  /** @throws UploadUnknownError */
  async find(keys: AgentKeys, id: UploadId): Promise<UploadState> {
    return stateOf(await this.store.find(keys, id));
  }

  /** Those that can go on, the oldest first. At most 16. */
  async list(keys: AgentKeys): Promise<readonly OpenUpload[]> {
    const found = await this.store.list(keys);
    return found.map(({ digest, expiresAt, mediaType, name, size, slot, ...rest }) => {
      const upload = parseUploadId(toBase64Url(slot));
      return { upload, name, mediaType, size, digest, offset: offsetOf({ size, ...rest }), expiresAt };
    });
  }

  /**
   * Stores what comes, chunk by chunk. What comes after the last whole chunk is dropped, unless it is the end of the file.
   * With the end the upload is complete. One that is complete stays as it is.
   * @throws UploadUnknownError, UploadMismatchError, AgentMovedError, what the content throws; UploadOffsetError when the
   * upload does not go on there, or somebody else has just stored what came
   */
  async append(keys: AgentKeys, id: UploadId, { content, offset }: Appended): Promise<UploadState> {
    const found = await this.store.find(keys, id);
    if (found.unfinished === null) return stateOf(found);
    const { unfinished } = found;
    if (offset !== offsetOf(unfinished))
      throw new UploadOffsetError(`the upload goes on at byte ${offsetOf(unfinished)}`);
    const chunks = await this.addChunks(keys, unfinished, content);
    if (chunks < chunkCount(unfinished.size))
      return stateOf({ file: null, unfinished: { ...unfinished, chunks } });
    return this.complete(keys, id, unfinished);
  }

  /** Lets go of one that is not complete. @throws UploadUnknownError, AgentMovedError */
  async remove(keys: AgentKeys, id: UploadId): Promise<void> {
    const { unfinished } = await this.store.find(keys, id);
    // It may be completed in this moment.
    const isRemoved = unfinished !== null && (await this.store.remove(keys, unfinished));
    if (!isRemoved) throw unknownUpload();
  }

  /** @returns whether that has made room. @throws AgentMovedError */
  removeExpired(keys: AgentKeys): Promise<boolean> {
    return this.store.removeExpired(keys);
  }

  /** @returns how many chunks there are then */
  private async addChunks(
    keys: AgentKeys,
    upload: UnfinishedUpload,
    content: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const { random } = this.files.parts;
    const { key, size } = upload;
    const room = new ChunkRoom();
    let place = upload.chunks;
    for await (const chunk of chunksOf(content, room.text)) {
      // The last one is as long as the size says, and so is each before it.
      if (chunk.length !== Math.min(CHUNK_BYTES, size - place * CHUNK_BYTES)) break;
      room.seal({ key, place }, chunk.length, random);
      if (!(await this.store.addRow(keys, upload, { place, body: room.sealRow(keys) })))
        throw new UploadOffsetError('another request has stored what follows');
      place += 1;
    }
    return place;
  }

  private async complete(keys: AgentKeys, id: UploadId, upload: UnfinishedUpload): Promise<UploadState> {
    const record = await this.recordOf(keys, upload);
    if (upload.digest !== null && upload.digest !== record.file.digest) {
      await this.store.remove(keys, upload);
      throw new UploadMismatchError('the bytes are others than the digest says: nothing was kept');
    }
    // Of two that complete it at once both answer with the file of the first.
    if (await this.store.complete(keys, upload, record)) return whole(record.file);
    return stateOf(await this.store.find(keys, id));
  }

  /** Reads all that is stored once: parts of it may have come to other processes. */
  private async recordOf(keys: AgentKeys, upload: UnfinishedUpload): Promise<FileRecord> {
    const { key, mediaType, name, size } = upload;
    const digesting = createHash('sha256');
    const room = new ChunkRoom();
    const names: Hash[] = [];
    for (let place = 0; place < chunkCount(size); place += 1) {
      const sealed = await this.sealedChunk(keys, upload, { place, room });
      names.push(largeEntryHash(sealed));
      digesting.update(openChunkInPlace({ key, place }, sealed));
    }
    const digest = parseFileDigest(digesting.digest('base64url'));
    const manifest = sealManifest(key, names, this.files.parts.random);
    return { file: { id: fileIdOf(manifest), name, mediaType, size, digest, key }, manifest };
  }

  private async sealedChunk(keys: AgentKeys, upload: UnfinishedUpload, at: ChunkAt): Promise<Uint8Array> {
    try {
      return await this.files.sealedChunkIn(keys, upload, at);
    } catch (error) {
      throw error instanceof FileNotFoundError ? unknownUpload(error) : error;
    }
  }
}

function stateOf({ file, unfinished }: FoundUpload): UploadState {
  if (unfinished === null) return whole(file);
  return { size: unfinished.size, offset: offsetOf(unfinished), file: null };
}

function whole(file: MessageFile): UploadState {
  return { size: file.size, offset: file.size, file };
}

function offsetOf({ chunks, size }: Pick<UnfinishedUpload, 'chunks' | 'size'>): number {
  return Math.min(size, chunks * CHUNK_BYTES);
}
