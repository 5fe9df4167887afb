import { type AgentKeys, equalBytes, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Cursor, InvalidCursorError } from '@musubi/messaging';

/** A place in a holder's history: between rows, or at one. */
export interface Position {
  readonly position: bigint;
  /** The blinded message id that breaks ties: 32 bytes. */
  readonly key: Uint8Array;
}

/** Whose cursor it is, and in which placement's history. */
export interface CursorOwner {
  readonly holder: AgentKeys;
  readonly placement: string;
}

const POSITION_BYTES = 8;
const KEY_BYTES = 32;
const MAC_BYTES = 32;

/** position ‖ key ‖ MAC under the holder's key, as base64url: 96 characters. */
export function cursorOf(owner: CursorOwner, { position, key }: Position): Cursor {
  const bytes = new Uint8Array(POSITION_BYTES + KEY_BYTES + MAC_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, position);
  bytes.set(key, POSITION_BYTES);
  bytes.set(mac(owner, bytes.subarray(0, POSITION_BYTES + KEY_BYTES)), POSITION_BYTES + KEY_BYTES);
  return toBase64Url(bytes);
}

/** @throws InvalidCursorError unless cursorOf made it for the same owner */
export function positionFrom(owner: CursorOwner, cursor: Cursor): Position {
  const bytes = cursorBytes(cursor);
  const body = bytes.subarray(0, POSITION_BYTES + KEY_BYTES);
  if (!equalBytes(bytes.subarray(body.length), mac(owner, body))) {
    throw new InvalidCursorError('this cursor was not made here for this agent');
  }
  return {
    position: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0),
    key: bytes.slice(POSITION_BYTES, body.length),
  };
}

function cursorBytes(cursor: Cursor): Uint8Array {
  try {
    const bytes = fromBase64Url(cursor);
    if (bytes.length === POSITION_BYTES + KEY_BYTES + MAC_BYTES) return bytes;
  } catch {
    // Falls through: text that is no base64url is no cursor either.
  }
  throw new InvalidCursorError('this is not a cursor');
}

function mac({ holder, placement }: CursorOwner, body: Uint8Array): Uint8Array {
  return holder.blind('musubi/cursor', new TextEncoder().encode(placement), body);
}
