import { type Position } from './cursor.js';

/** What every read selects. */
export interface SealedRow {
  readonly key: Uint8Array;
  readonly position: string;
  readonly is_deleted: boolean;
  readonly sealed: Uint8Array;
}

/** A row that was looked for by its message. */
export interface FoundRow extends SealedRow {
  /** The peer, blinded. */
  readonly conversation: Uint8Array;
}

export function positionOfRow({ key, position }: SealedRow): Position {
  return { key, position: BigInt(position) };
}
