import { fromBase64Url, hash, randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { CONFIG, DATABASE } from '../node/tokens.js';

const TOKEN_BYTES = 32;
const REMEMBERED = 10_000;

/** Bearer tokens: 32 random bytes as base64url, of which only a hash is stored. */
@Injectable()
export class TokenStore {
  private readonly known = new Map<string, Promise<AgentPubKey | null>>();
  /** The embedded database is this process's own: no other can revoke a token, and so those once read are good. */
  private readonly isAlone: boolean;

  constructor(
    @Inject(DATABASE) private readonly db: DataSource,
    @Inject(CONFIG) { databaseUrl }: Pick<Config, 'databaseUrl'>,
  ) {
    this.isAlone = databaseUrl === undefined;
  }

  async issue(agent: AgentPubKey): Promise<string> {
    const token = toBase64Url(randomBytes(TOKEN_BYTES));
    const row = [hashOf(token), fromBase64Url(agent)];
    await this.db.query('insert into access_token (hash, agent) values ($1, $2)', row);
    return token;
  }

  agentOf(token: string): Promise<AgentPubKey | null> {
    const known = this.known.get(token);
    if (known !== undefined) return known;
    const found = this.find(token);
    if (this.isAlone) this.remember(token, found);
    return found;
  }

  /** @returns whether the agent has other tokens left */
  async revoke(agent: AgentPubKey, token: string): Promise<boolean> {
    try {
      await this.db.query('delete from access_token where hash = $1', [hashOf(token)]);
    } finally {
      this.known.delete(token);
    }
    const left = await this.db.query<unknown[]>('select hash from access_token where agent = $1 limit 1', [
      fromBase64Url(agent),
    ]);
    return left.length > 0;
  }

  private async find(token: string): Promise<AgentPubKey | null> {
    const [row] = await this.db.query<{ agent: Uint8Array }[]>(
      'select agent from access_token where hash = $1',
      [hashOf(token)],
    );
    return row === undefined ? null : parseAgentPubKey(toBase64Url(row.agent));
  }

  /** While it is still being read, so that who revokes it meanwhile has something to forget. */
  private remember(token: string, found: Promise<AgentPubKey | null>): void {
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(token, found);
    const forget = (): void => void this.known.delete(token);
    found.then((agent) => {
      if (agent === null) forget();
    }, forget);
  }
}

function hashOf(token: string): Uint8Array {
  return hash('musubi/access-token', new TextEncoder().encode(token));
}
