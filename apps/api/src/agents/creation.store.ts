import { decodeCanonical, encodeCanonical, equalBytes, hash, keyedHash, open, seal } from '@musubi/crypto';
import { type Rows, RowsStatement } from '@musubi/database';
import { type AgentPubKey, agentPubKeySchema } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { type ServiceNode } from '../node/service-node.js';
import { DATABASE, NODE } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';
import { type NewAgent } from './agents.schemas.js';

/** Rejects an agent under a key that made one before. */
export const CREATION_ONCE = 'agent_creation_once';

/** Microseconds for which a key is known, by the database's clock. */
const KEPT_US = 86_400_000_000;
const NOW_US = `(extract(epoch from clock_timestamp()) * 1000000)::bigint`;

const INSERT = new RowsStatement(`
  insert into agent_creation (key, sealed, made_at)
  select key, sealed, ${NOW_US} from unnest($1::bytea[], $2::bytea[]) as creation (key, sealed)`);

const madeSchema = z.strictObject({ agent: agentPubKeySchema, request: z.instanceof(Uint8Array) });

/**
 * Which agent was made under which Idempotency-Key, for a day. Nobody who asks has an identity yet, so a key is kept like
 * a secret: only a keyed hash of it is stored, and what it stands for is sealed. Tokens and passphrases are not kept, nor
 * any hash of them.
 */
@Injectable()
export class CreationStore {
  private readonly namingKey: Uint8Array;
  private readonly sealingKey: Uint8Array;

  constructor(
    @Inject(DATABASE) private readonly db: DataSource,
    @Inject(NODE) node: Pick<ServiceNode, 'secretFor'>,
  ) {
    this.namingKey = node.secretFor('musubi/agent-creation/naming');
    this.sealingKey = node.secretFor('musubi/agent-creation/sealing');
  }

  /** @returns the agent that the key made; `null` when it made none. @throws ApiError `idempotency-key-reused` */
  async find(key: string, request: NewAgent): Promise<AgentPubKey | null> {
    await this.db.query(`delete from agent_creation where made_at < ${NOW_US} - $1::bigint`, [KEPT_US]);
    const name = this.nameOf(key);
    const [row] = await this.db.query<{ sealed: Uint8Array }[]>(
      'select sealed from agent_creation where key = $1',
      [name],
    );
    if (row === undefined) return null;
    const plaintext = open({ key: this.sealingKey, sealed: row.sealed, associatedData: name });
    const made = madeSchema.parse(decodeCanonical(plaintext));
    if (!equalBytes(made.request, digestOf(request))) throw keyReused();
    return made.agent;
  }

  /** The row that commits with the agent. A second one violates CREATION_ONCE. */
  rowsOf(key: string, request: NewAgent, agent: AgentPubKey): Rows {
    const name = this.nameOf(key);
    const plaintext = encodeCanonical({ agent, request: digestOf(request) });
    const sealed = seal({ key: this.sealingKey, plaintext, associatedData: name });
    return { statement: INSERT, rows: [[name, sealed]] };
  }

  private nameOf(key: string): Uint8Array {
    return keyedHash(this.namingKey, 'musubi/agent-creation', new TextEncoder().encode(key));
  }
}

export function keyReused(): ApiError {
  return new ApiError('idempotency-key-reused', 'This Idempotency-Key was used for a different request.');
}

/** Without the passphrase: a hash of it would be cheaper to guess at than the seal that it opens. */
function digestOf({ nickname, passphrase }: NewAgent): Uint8Array {
  return hash('musubi/request', encodeCanonical({ nickname, isAttended: passphrase !== undefined }));
}
