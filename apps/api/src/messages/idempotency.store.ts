import { type Keyring, type NodeContext } from '@musubi/cell';
import {
  decodeCanonical,
  encodeCanonical,
  equalBytes,
  fromBase64Url,
  hash,
  toBase64Url,
} from '@musubi/crypto';
import {
  type AgentPubKey,
  type MessageDraft,
  type Nonce,
  type StrategyName,
  type Timestamp,
  idSchema,
  parseNonce,
  timestampSchema,
} from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { DATABASE, NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';

const NONCE_BYTES = 16;
const DOMAIN = 'musubi/idempotency-key';

/** What tells one message from another that says the same. */
export interface Uniqueness {
  readonly sentAt: Timestamp;
  readonly nonce: Nonce;
}

/** What must be the same when a key comes again. */
export interface SendRequest extends Omit<MessageDraft, keyof Uniqueness> {
  readonly strategy: StrategyName;
}

const usedSchema = z.strictObject({
  sentAt: timestampSchema,
  nonce: idSchema(parseNonce),
  request: z.instanceof(Uint8Array),
});

/**
 * An Idempotency-Key fixes the message's time and nonce, and with them its id: a repeated request is the same
 * message, and every step of sending it finds what is done already. Nothing of the answer need be stored.
 */
@Injectable()
export class IdempotencyStore {
  private readonly keyring: Keyring;

  constructor(
    @Inject(DATABASE) private readonly db: DataSource,
    @Inject(NODE) private readonly node: NodeContext,
  ) {
    this.keyring = node.keyring;
  }

  /** @throws ApiError `idempotency-key-reused` when the key came with another request before */
  async uniquenessOf(key: string | undefined, request: SendRequest): Promise<Uniqueness> {
    const fresh = {
      sentAt: this.node.clock.now(),
      nonce: parseNonce(toBase64Url(this.node.random(NONCE_BYTES))),
    };
    if (key === undefined) return fresh;
    const digest = hash('musubi/request', encodeCanonical({ ...request }));
    const used = await this.claim(request.author, key, encodeCanonical({ ...fresh, request: digest }));
    if (used === null) return fresh;
    const first = usedSchema.parse(decodeCanonical(used));
    if (!equalBytes(first.request, digest)) {
      throw new ApiError('idempotency-key-reused', 'This Idempotency-Key came with another request before.');
    }
    return { sentAt: first.sentAt, nonce: first.nonce };
  }

  /** @returns what the key was first used for, or `null` when this is the first use */
  private async claim(agent: AgentPubKey, key: string, use: Uint8Array): Promise<Uint8Array | null> {
    const keys = this.keyring.keysOf(agent);
    const row = [fromBase64Url(agent), keys.blind(DOMAIN, new TextEncoder().encode(key))];
    const added = await this.db.query<unknown[]>(
      `insert into idempotency_key (agent, key, sealed) values ($1, $2, $3)
       on conflict on constraint idempotency_key_once do nothing returning key`,
      [...row, keys.seal(use, DOMAIN)],
    );
    if (added.length === 1) return null;
    const [stored] = await this.db.query<{ sealed: Uint8Array }[]>(
      'select sealed from idempotency_key where agent = $1 and key = $2',
      row,
    );
    return stored === undefined ? null : keys.open(stored.sealed, DOMAIN);
  }
}
