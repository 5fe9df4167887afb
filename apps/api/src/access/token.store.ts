import { fromBase64Url, hash, randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { DATABASE } from '../node/tokens.js';

const TOKEN_BYTES = 32;

/** Bearer tokens: 32 random bytes as base64url, of which only a hash is stored. */
@Injectable()
export class TokenStore {
  constructor(@Inject(DATABASE) private readonly db: DataSource) {}

  async issue(agent: AgentPubKey): Promise<string> {
    const token = toBase64Url(randomBytes(TOKEN_BYTES));
    const row = [hashOf(token), fromBase64Url(agent)];
    await this.db.query('insert into access_token (hash, agent) values ($1, $2)', row);
    return token;
  }

  async agentOf(token: string): Promise<AgentPubKey | null> {
    const [row] = await this.db.query<{ agent: Uint8Array }[]>(
      'select agent from access_token where hash = $1',
      [hashOf(token)],
    );
    return row === undefined ? null : parseAgentPubKey(toBase64Url(row.agent));
  }

  /** @returns whether the agent has other tokens left */
  async revoke(agent: AgentPubKey, token: string): Promise<boolean> {
    await this.db.query('delete from access_token where hash = $1', [hashOf(token)]);
    const left = await this.db.query<unknown[]>('select hash from access_token where agent = $1 limit 1', [
      fromBase64Url(agent),
    ]);
    return left.length > 0;
  }
}

function hashOf(token: string): Uint8Array {
  return hash('musubi/access-token', new TextEncoder().encode(token));
}
