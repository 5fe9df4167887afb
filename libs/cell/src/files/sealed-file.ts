import {
  type RandomBytes,
  SEAL_BYTES,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  open,
  pad,
  paddedLength,
  seal,
  unpad,
} from '@musubi/crypto';
import {
  type FileId,
  type FileKey,
  InvalidMessageError,
  MAX_FILE_BYTES,
  parseFileId,
} from '@musubi/messaging';
import { z } from 'zod';
import { entryHash } from '../chain/action.js';
import { type Hash, hashBytes, hashFrom } from '../chain/hash.js';

/** With the byte that marks its padding it fills the class of 248 KiB: sealed, it fits a frame of 256 KiB with its call. */
export const CHUNK_BYTES = 62 * 4096 - 1;
const MAX_CHUNKS = Math.ceil(MAX_FILE_BYTES / CHUNK_BYTES);
const HASH_BYTES = 32;
export const FILE_KEY_BYTES = 32;
const PLACE_BYTES = 4;
const MANIFEST = hash('musubi/file-manifest').slice();

const manifestSchema = z
  .array(z.instanceof(Uint8Array).refine(({ length }) => length === HASH_BYTES))
  .min(1)
  .max(MAX_CHUNKS);

/** How many chunks a file of that size has. */
export function chunkCount(size: number): number {
  return Math.ceil(size / CHUNK_BYTES);
}

/** How long the chunk at that place is in a file of that size, as it travels. */
export function sealedChunkBytes(size: number, place: number): number {
  return SEAL_BYTES + paddedLength(Math.min(CHUNK_BYTES, size - place * CHUNK_BYTES));
}

/** How long all of them are together: files of one size class do not differ in it. */
export function sealedFileBytes(size: number): number {
  const places = Array.from({ length: chunkCount(size) }, (_, place) => place);
  return places.reduce((sum, place) => sum + sealedChunkBytes(size, place), 0);
}

export interface ChunkPlace {
  readonly key: FileKey;
  /** From 0. */
  readonly place: number;
}

/** The names of all chunks, sealed; its own name is the file's id. */
export function sealManifest(key: FileKey, names: readonly Hash[], random: RandomBytes): Uint8Array {
  const plaintext = pad(encodeCanonical(names.map(hashBytes)));
  return seal({ key: fromBase64Url(key), plaintext, associatedData: MANIFEST, random });
}

export function fileIdOf(sealedManifest: Uint8Array): FileId {
  return parseFileId(entryHash(sealedManifest));
}

interface ManifestOf {
  readonly id: FileId;
  readonly key: FileKey;
  readonly size: number;
}

/** @throws InvalidMessageError unless it is that file's, for a file of that size */
export function openManifest({ id, key, size }: ManifestOf, sealed: Uint8Array): readonly Hash[] {
  if (fileIdOf(sealed) !== id) throw new InvalidMessageError('this is the manifest of another file');
  const names = namesIn(key, sealed);
  if (names.length !== chunkCount(size)) throw new InvalidMessageError('the file has another size');
  return names;
}

function namesIn(key: FileKey, sealed: Uint8Array): readonly Hash[] {
  try {
    const opened = open({ key: fromBase64Url(key), sealed, associatedData: MANIFEST });
    return manifestSchema.parse(decodeCanonical(unpad(opened))).map(hashFrom);
  } catch (error) {
    throw new InvalidMessageError('the manifest is malformed', { cause: error });
  }
}

/** What a chunk is bound to. */
export function chunkDomain(place: number): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES);
  new DataView(bytes.buffer).setUint32(0, place);
  return hash('musubi/file-chunk', bytes).slice();
}
