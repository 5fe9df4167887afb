import {
  type AgentKeys,
  type RandomBytes,
  SEAL_BYTES,
  SEAL_OFFSET,
  fromBase64Url,
  openInPlace,
  padInPlace,
  paddedLength,
  sealInPlace,
  unpadInPlace,
} from '@musubi/crypto';
import { CHUNK_BYTES, type ChunkPlace, chunkDomain } from './sealed-file.js';

const PADDED_BYTES = paddedLength(CHUNK_BYTES);
export const CHUNK_ROW_DOMAIN = 'musubi/file-chunk-row';

/** Of a row's bytes, in hexadecimal digits. */
export interface RowPart {
  digits: string;
}

/**
 * Room for one chunk and both of its seals: the file's, and the holder's around it. A transfer goes through one chunk after
 * another in the same room, sealed and opened where it stands. Each copy of 248 KiB would be memory that waits for a
 * collection, 62 times a file. So what the methods give is a part of the room, and good until the next chunk.
 */
export class ChunkRoom {
  private readonly bytes = new Uint8Array(2 * SEAL_BYTES + PADDED_BYTES);
  /** Where the bytes of a chunk are put that is to be sealed. */
  readonly text = this.bytes.subarray(2 * SEAL_OFFSET, 2 * SEAL_OFFSET + CHUNK_BYTES);
  private rowBytes = 0;

  /** Seals the first bytes of `text`. @returns them as they travel */
  seal({ key, place }: ChunkPlace, length: number, random: RandomBytes): Uint8Array {
    const padded = padInPlace(this.bytes.subarray(2 * SEAL_OFFSET), length);
    this.rowBytes = padded.length + 2 * SEAL_BYTES;
    const box = this.bytes.subarray(SEAL_OFFSET, SEAL_OFFSET + padded.length + SEAL_BYTES);
    return sealInPlace({ key: fromBase64Url(key), box, associatedData: chunkDomain(place) }, random);
  }

  /** Seals what `seal` has sealed, for a row of its holder's. */
  sealRow(keys: AgentKeys): Uint8Array {
    return keys.sealFixedInPlace(this.bytes.subarray(0, this.rowBytes), CHUNK_ROW_DOMAIN);
  }

  /**
   * Opens a row that comes in parts, which are used up: who has asked for them may still hold them when they are no longer
   * needed, and would keep their texts through the next collections. @returns the chunk as it travels. @throws OpenFailedError
   */
  openRow(keys: AgentKeys, parts: RowPart[]): Uint8Array {
    const target = Buffer.from(this.bytes.buffer);
    let length = 0;
    for (const part of parts) {
      length += target.write(part.digits, length, 'hex');
      part.digits = '';
    }
    return keys.openFixedInPlace(this.bytes.subarray(0, length), CHUNK_ROW_DOMAIN);
  }
}

/** Opens a chunk where it stands. @returns a part of it. @throws OpenFailedError, MalformedBytesError when it is another one */
export function openChunkInPlace({ key, place }: ChunkPlace, sealed: Uint8Array): Uint8Array {
  const opened = openInPlace({ key: fromBase64Url(key), box: sealed, associatedData: chunkDomain(place) });
  return unpadInPlace(opened);
}
