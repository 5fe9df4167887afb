import { type AgentKeys, decodeCanonical, encodeCanonical } from '@musubi/crypto';
import { type MessageFile, messageFileSchema } from '@musubi/messaging';
import { z } from 'zod';
import { type Hash } from '../chain/hash.js';
import { openManifest } from './sealed-file.js';

const DOMAIN = 'musubi/file';

/** What a holder's row says of a file. */
export interface FileRecord {
  readonly file: MessageFile;
  readonly manifest: Uint8Array;
}

/** A file that an agent holds, or that is arriving. */
export interface HeldFile extends FileRecord {
  /** Names it among the holder's. */
  readonly slot: Uint8Array;
  readonly isWhole: boolean;
  /** Of its chunks, in order. */
  readonly names: readonly Hash[];
}

/** A row as it is read. */
export interface FoundFile {
  readonly slot: Uint8Array;
  readonly is_whole: boolean;
  readonly sealed: Uint8Array;
}

const recordSchema: z.ZodType<FileRecord> = z.strictObject({
  file: messageFileSchema,
  manifest: z.instanceof(Uint8Array),
});

export function sealRecord(keys: AgentKeys, { file, manifest }: FileRecord): Uint8Array {
  return keys.seal(encodeCanonical({ file: { ...file }, manifest }), DOMAIN);
}

export function heldFileOf(keys: AgentKeys, { slot, is_whole: isWhole, sealed }: FoundFile): HeldFile {
  const { file, manifest } = recordSchema.parse(decodeCanonical(keys.open(sealed, DOMAIN)));
  return { slot, isWhole, file, manifest, names: openManifest(file, manifest) };
}
