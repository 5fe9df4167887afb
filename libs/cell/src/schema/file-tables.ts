import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  integerColumn,
  keyColumn,
  nullable,
  table,
} from '@musubi/database';

/** A file that its holder has, or that is arriving. Without the holder's key a row tells how large it is. */
export interface FileRow {
  readonly holder: Uint8Array;
  /** 16 random bytes. */
  readonly slot: Uint8Array;
  /** The file's id, blinded; `null` while its bytes are being uploaded. */
  readonly key: Uint8Array | null;
  readonly is_whole: boolean;
  /** What it counts in its holder's quota; a bigint comes back as a string. */
  readonly bytes: string;
  /** Since when it waits for a message; `null` once one has referred to it. */
  readonly day: number | null;
  /** What it is, and the names of its chunks; empty while it is being uploaded. */
  readonly sealed: Uint8Array;
}

export const fileTable = table<FileRow>(
  'file',
  {
    holder: keyColumn('file_one_per_slot'),
    slot: keyColumn('file_one_per_slot'),
    key: nullable(bytesColumn),
    is_whole: booleanColumn,
    bytes: bigintColumn,
    day: nullable(integerColumn),
    sealed: bytesColumn,
  },
  {
    uniques: { file_once: ['holder', 'key'] },
    indices: [{ name: 'file_waiting', columns: ['day'], where: 'day is not null' }],
  },
);

/** One chunk of a file, sealed by its holder over the file's own seal. */
export interface FileChunkRow {
  readonly holder: Uint8Array;
  readonly slot: Uint8Array;
  /** From 0. */
  readonly place: number;
  readonly sealed: Uint8Array;
}

const OF_FILE = { table: 'file', columns: ['holder', 'slot'] };

export const fileChunkTable = table<FileChunkRow>(
  'file_chunk',
  {
    holder: keyColumn('file_chunk_once'),
    slot: keyColumn('file_chunk_once'),
    place: keyColumn('file_chunk_once', integerColumn),
    sealed: bytesColumn,
  },
  { references: { file_chunk_of_file: { ...OF_FILE, isPart: true } } },
);

/** A message of its holder's that refers to a file. */
export interface FileUseRow {
  readonly holder: Uint8Array;
  /** The message's placement and id, blinded as nowhere else. */
  readonly message: Uint8Array;
  readonly slot: Uint8Array;
}

export const fileUseTable = table<FileUseRow>(
  'file_use',
  {
    holder: keyColumn('file_use_once'),
    message: keyColumn('file_use_once'),
    slot: bytesColumn,
  },
  {
    indices: [{ name: 'file_use_by_slot', columns: ['holder', 'slot'] }],
    references: { file_use_of_file: { ...OF_FILE, isPart: false } },
  },
);
