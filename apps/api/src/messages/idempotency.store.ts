import { type NodeContext } from '@musubi/cell';
import {
  type AgentKeys,
  decodeCanonical,
  encodeCanonical,
  equalBytes,
  fromBase64Url,
  hash,
} from '@musubi/crypto';
import { type Rows, RowsStatement } from '@musubi/database';
import {
  type MessageDraft,
  type StrategyName,
  idSchema,
  parseNonce,
  timestampSchema,
} from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { DATABASE, NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';

const DOMAIN = 'musubi/idempotency-key';

/** Rejects a message under a key that its author used before. */
export const IDEMPOTENCY_KEY_ONCE = 'idempotency_key_once';

/** Spans of 30 days, by the database's clock. A key is known in its own and in the next: for 30 to 60 days. */
const PERIOD = `floor(extract(epoch from statement_timestamp()) / 2592000)::integer`;
/** How many keys that have expired a request removes: more than it adds. */
const REMOVED = 100;

const INSERT = new RowsStatement(`
  insert into idempotency_key (agent, key, sealed, period)
  select used.agent, used.key, used.sealed, ${PERIOD}
  from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as used (agent, key, sealed)`);

/** Its own row too, if that has expired. Several processes do not wait for one another's. */
const FIND = `
  with expired as (
    delete from idempotency_key where period < ${PERIOD} - 1 and (
      (agent = $1 and key = $2)
      or (agent, key) in (
        select agent, key from idempotency_key where period < ${PERIOD} - 1 limit ${REMOVED} for update skip locked)))
  select sealed from idempotency_key where agent = $1 and key = $2 and period >= ${PERIOD} - 1`;

/** What must be the same when a key comes again. */
export interface SendRequest extends Omit<MessageDraft, 'sentAt' | 'nonce'> {
  readonly strategy: StrategyName;
}

const usedSchema = z.strictObject({
  sentAt: timestampSchema,
  nonce: idSchema(parseNonce),
  request: z.instanceof(Uint8Array),
});

/**
 * An Idempotency-Key names the message that was saved under it: its time and its nonce, and with them its id. It commits
 * with the message: a request that was refused has used no key, and a restored database has both or neither. It expires
 * after 30 to 60 days.
 */
@Injectable()
export class IdempotencyStore {
  constructor(
    @Inject(DATABASE) private readonly db: DataSource,
    @Inject(NODE) private readonly node: NodeContext,
  ) {}

  /**
   * The message that the key was used for; `null` when this is the first use.
   * @throws ApiError `idempotency-key-reused` when the key came with another request before; AgentOfflineError
   */
  async find(key: string, request: SendRequest): Promise<MessageDraft | null> {
    const keys = this.node.keyring.keysOf(request.author);
    const [stored] = await this.db.query<{ sealed: Uint8Array }[]>(FIND, nameOf(keys, key));
    if (stored === undefined) return null;
    const first = usedSchema.parse(decodeCanonical(keys.open(stored.sealed, DOMAIN)));
    if (!equalBytes(first.request, digestOf(request))) {
      throw new ApiError('idempotency-key-reused', 'This Idempotency-Key was used for a different request.');
    }
    const { strategy: _, ...content } = request;
    return { ...content, sentAt: first.sentAt, nonce: first.nonce };
  }

  /** The row that commits with the message. A second one violates IDEMPOTENCY_KEY_ONCE. @throws AgentOfflineError */
  rowsOf(key: string, request: SendRequest, { sentAt, nonce }: MessageDraft): Rows {
    const keys = this.node.keyring.keysOf(request.author);
    const used = encodeCanonical({ sentAt, nonce, request: digestOf(request) });
    return { statement: INSERT, rows: [[...nameOf(keys, key), keys.seal(used, DOMAIN)]] };
  }
}

function nameOf(keys: AgentKeys, key: string): Uint8Array[] {
  return [fromBase64Url(keys.agent), keys.blind(DOMAIN, new TextEncoder().encode(key))];
}

function digestOf({ strategy, author, recipient, payload, replyTo }: SendRequest): Uint8Array {
  return hash('musubi/request', encodeCanonical({ strategy, author, recipient, payload, replyTo }));
}
