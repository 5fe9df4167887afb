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

export const POSITION_BYTES = 8;
export const KEY_BYTES = 32;
const MAC_BYTES = 32;

/**
 * position ‖ key ‖ MAC under the holder's key, as base64url: 96 characters. It is a place in the order of sent times,
 * which no number of the database stands for. So it leads on in a restored database as well: to what is there.
 */
export function cursorOf(owner: CursorOwner, { position, key }: Position): Cursor {
  const body = new Uint8Array(POSITION_BYTES + KEY_BYTES);
  new DataView(body.buffer).setBigUint64(0, position);
  body.set(key, POSITION_BYTES);
  return withMac(body, macOf(owner, body));
}

/** @throws InvalidCursorError unless cursorOf made it for the same owner */
export function positionFrom(owner: CursorOwner, cursor: Cursor): Position {
  const { body, mac } = partsOf(cursor, POSITION_BYTES + KEY_BYTES);
  requireMac(mac, macOf(owner, body));
  return {
    position: new DataView(body.buffer, body.byteOffset).getBigUint64(0),
    key: body.slice(POSITION_BYTES),
  };
}

export function withMac(body: Uint8Array, mac: Uint8Array): Cursor {
  const bytes = new Uint8Array(body.length + MAC_BYTES);
  bytes.set(body);
  bytes.set(mac, body.length);
  return toBase64Url(bytes);
}

/** @throws InvalidCursorError unless it has a body of that length, and a MAC */
export function partsOf(
  cursor: Cursor,
  bodyBytes: number,
): { readonly body: Uint8Array; readonly mac: Uint8Array } {
  try {
    const bytes = fromBase64Url(cursor);
    if (bytes.length === bodyBytes + MAC_BYTES) {
      return { body: bytes.subarray(0, bodyBytes), mac: bytes.subarray(bodyBytes) };
    }
  } catch {
    // Falls through: text that is no base64url is no cursor either.
  }
  throw new InvalidCursorError('this is not a cursor');
}

/** @throws InvalidCursorError */
export function requireMac(mac: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(mac, expected)) {
    throw new InvalidCursorError('this cursor was not made here for this agent');
  }
}

function macOf({ holder, placement }: CursorOwner, body: Uint8Array): Uint8Array {
  return holder.blind('musubi/cursor', new TextEncoder().encode(placement), body);
}
