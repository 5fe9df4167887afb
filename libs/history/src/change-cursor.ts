import { type AgentKeys } from '@musubi/crypto';
import { type Cursor } from '@musubi/messaging';
import { KEY_BYTES, POSITION_BYTES, type Position, partsOf, requireMac, withMac } from './cursor.js';

/** A number of a holder's, and the epoch that it belongs to: empty for numbers of before there were epochs. */
export interface FeedState {
  readonly last: bigint;
  readonly epoch: Uint8Array;
}

/** Before every change: who has it was told nothing. */
export const BEGINNING: Position = { position: 0n, key: new Uint8Array(KEY_BYTES) };

/** After everything that has this number. */
export function endOf(position: bigint): Position {
  return { position, key: new Uint8Array(KEY_BYTES).fill(0xff) };
}

const BODY_BYTES = POSITION_BYTES + KEY_BYTES + POSITION_BYTES;

/**
 * position ‖ key ‖ last ‖ MAC under the holder's key, as base64url: 107 characters. The MAC is also over the epoch of
 * `last`. In a database that was restored from a backup of before `last`, that number has another epoch, or none: the
 * cursor is refused for good (ADR 0035).
 * @param state how far the numbers went once everything before the position had been read
 */
export function changeCursorOf(
  holder: AgentKeys,
  { position, key }: Position,
  { last, epoch }: FeedState,
): Cursor {
  const body = new Uint8Array(BODY_BYTES);
  const view = new DataView(body.buffer);
  view.setBigInt64(0, position);
  body.set(key, POSITION_BYTES);
  view.setBigInt64(POSITION_BYTES + KEY_BYTES, last);
  return withMac(body, macOf(holder, body, epoch));
}

/** What a cursor says, before it is known whether it is true. */
interface ClaimedPlace {
  readonly last: bigint;
  /** @throws InvalidCursorError unless the cursor was made for this holder, and `last` had this epoch then */
  verify(holder: AgentKeys, epoch: Uint8Array): Position;
}

/** @throws InvalidCursorError when it is no cursor of changes at all */
export function claimedPlace(cursor: Cursor): ClaimedPlace {
  const { body, mac } = partsOf(cursor, BODY_BYTES);
  const view = new DataView(body.buffer, body.byteOffset);
  return {
    last: view.getBigInt64(POSITION_BYTES + KEY_BYTES),
    verify: (holder, epoch) => {
      requireMac(mac, macOf(holder, body, epoch));
      return { position: view.getBigInt64(0), key: body.slice(POSITION_BYTES, POSITION_BYTES + KEY_BYTES) };
    },
  };
}

function macOf(holder: AgentKeys, body: Uint8Array, epoch: Uint8Array): Uint8Array {
  return holder.blind('musubi/cursor of changes', body, epoch);
}
