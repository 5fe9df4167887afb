import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type Rows, RowsStatement, type Sql } from '@musubi/database';
import {
  type ChainPlace,
  type MessageId,
  type PinId,
  type SignedPin,
  chainPlaceSchema,
  signedPinSchema,
} from '@musubi/messaging';
import { blindedKey, pinIdOf } from '@musubi/receipts';
import { z } from 'zod';

/** What holds of a message's pin for one holder. */
export interface HeldPin {
  readonly pin: SignedPin;
  /** Where the actions that carry it stand on the holder's own chain, if they do. */
  readonly place: ChainPlace | null;
  /** How many statements the holder has made of this message. */
  readonly own: number;
  /** How many of the peer's it has taken. */
  readonly taken: number;
}

interface SealedPinRow {
  readonly sealed: Uint8Array;
}

/** Rejects a statement where another one holds than the caller has looked at. The database says so by itself. */
export const PIN_SEEN = 'pin_seen';

/** Inserts nothing: the function writes, or throws. */
const PUT = new RowsStatement(`
  insert into pin (holder, placement, key, statement, conversation, position, is_pinned, sealed)
  select holder, placement, key, made, seen, 0, pinned, content
  from unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::boolean[], $7::bytea[])
    as given (holder, placement, key, seen, made, pinned, content)
  where put_pin(holder, placement, key, seen, made, pinned, content)`);

const HIDE = new RowsStatement(`
  update pin set is_pinned = false
  from unnest($1::bytea[], $2::text[], $3::bytea[]) as hidden (holder, placement, key)
  where pin.holder = hidden.holder and pin.placement = hidden.placement and pin.key = hidden.key`);

const AMONG = `
  select placement, key from pin
  where holder = $1 and key = any($2::bytea[]) and is_pinned`;

const PIN_DOMAIN = 'musubi/pin';
const NONE = new Uint8Array();

const heldPinSchema: z.ZodType<HeldPin> = z.strictObject({
  pin: signedPinSchema,
  place: chainPlaceSchema.nullable(),
  own: z.number().int().nonnegative(),
  taken: z.number().int().nonnegative(),
});

/** The pins of one placement: one row a message that was ever pinned, with the statement that holds. */
export class PinStore {
  constructor(
    private readonly db: Sql,
    private readonly placement: string,
  ) {}

  /** What holds of the message's pin. A row that cannot be read is as none, and is written anew. */
  async of(holder: AgentKeys, message: MessageId): Promise<StoredPin> {
    return this.find(holder, 'key', blindedKey(holder, message));
  }

  /** The statement, while it holds. */
  async named(holder: AgentKeys, statement: PinId): Promise<HeldPin | null> {
    return (await this.find(holder, 'statement', statementKey(holder, statement))).held;
  }

  /** In the place of what was seen. Otherwise, and where the message is deleted, it violates PIN_SEEN. */
  put(holder: AgentKeys, seen: StoredPin, held: HeldPin): Rows {
    const { pin } = held;
    const statement = statementKey(holder, pinIdOf(pin));
    const names = [blindedKey(holder, pin.message), seen.statement ?? NONE, statement];
    const row = [fromBase64Url(holder.agent), this.placement, ...names, pin.pinned, sealPin(holder, held)];
    return { statement: PUT, rows: [row] };
  }

  /** With the tombstone of the message. */
  hidden(name: readonly unknown[]): Rows {
    return { statement: HIDE, rows: [name] };
  }

  private async find(holder: AgentKeys, column: 'key' | 'statement', key: Uint8Array): Promise<StoredPin> {
    const [row] = await this.db.query<(SealedPinRow & { readonly statement: Uint8Array })[]>(
      `select statement, sealed from pin where holder = $1 and placement = $2 and ${column} = $3`,
      [fromBase64Url(holder.agent), this.placement, key],
    );
    if (row === undefined) return { statement: null, held: null };
    return { statement: row.statement, held: openPin(holder, row.sealed) };
  }
}

/** A row as it was seen: the blinded id of its statement, and what it says, where that can be read. */
export interface StoredPin {
  readonly statement: Uint8Array | null;
  readonly held: HeldPin | null;
}

/** Which of these messages are pinned, by placement and key: one query, however many. */
export async function pinnedAmong(
  db: Sql,
  holder: AgentKeys,
  keys: readonly Uint8Array[],
): Promise<(placement: string, key: Uint8Array) => boolean> {
  const rows = await db.query<{ placement: string; key: Uint8Array }[]>(AMONG, [
    fromBase64Url(holder.agent),
    keys,
  ]);
  const pinned = new Set(rows.map(({ placement, key }) => nameOf(placement, key)));
  return (placement, key) => pinned.size > 0 && pinned.has(nameOf(placement, key));
}

/** Not the key of the statement's step in the outbox: a row of the one does not name a row of the other. */
function statementKey(holder: AgentKeys, statement: PinId): Uint8Array {
  return holder.blind('musubi/pin/statement', fromBase64Url(statement));
}

function nameOf(placement: string, key: Uint8Array): string {
  return `${placement}/${toBase64Url(key)}`;
}

function sealPin(holder: AgentKeys, { pin, place, own, taken }: HeldPin): Uint8Array {
  const { message, pinned, by, at, space, signature } = pin;
  const content = encodeCanonical({
    pin: { message, pinned, by, at, space, signature },
    place: place === null ? null : { ...place },
    own,
    taken,
  });
  return holder.seal(content, PIN_DOMAIN);
}

function openPin(holder: AgentKeys, sealed: Uint8Array): HeldPin | null {
  try {
    return heldPinSchema.parse(decodeCanonical(holder.open(sealed, PIN_DOMAIN)));
  } catch {
    return null;
  }
}
