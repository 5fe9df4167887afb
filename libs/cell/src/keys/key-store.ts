import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { type Rows, RowsStatement, commitRows } from '@musubi/database';
import { type DataSource } from 'typeorm';
import { type AgentKeyRow } from '../schema/index.js';

export interface SealedKey {
  readonly agent: AgentPubKey;
  /** The agent's 32-byte seed, sealed. */
  readonly sealed: Uint8Array;
  /** Sealed under a passphrase, so that only its owner can bring the agent online. */
  readonly isAttended: boolean;
}

/** Rejects a key that is there. */
export const AGENT_ONCE = 'agent_key_one_per_agent';

const INSERT = new RowsStatement(`
  insert into agent_key (agent, sealed, is_attended)
  select * from unnest($1::bytea[], $2::bytea[], $3::boolean[])`);

/** Sealed agent keys at rest. */
export class KeyStore {
  constructor(private readonly db: DataSource) {}

  /** A new agent's. A second one violates AGENT_ONCE. */
  rowsOf({ agent, sealed, isAttended }: SealedKey): Rows {
    return { statement: INSERT, rows: [[fromBase64Url(agent), sealed, isAttended]] };
  }

  add(key: SealedKey): Promise<void> {
    return commitRows(this.db, [this.rowsOf(key)]);
  }

  async find(agent: AgentPubKey): Promise<SealedKey | null> {
    const rows = await this.select('where agent = $1', [fromBase64Url(agent)]);
    return rows[0] ?? null;
  }

  unattended(): Promise<readonly SealedKey[]> {
    return this.select('where not is_attended', []);
  }

  async attendedAmong(agents: readonly AgentPubKey[]): Promise<readonly AgentPubKey[]> {
    const keys = agents.map((agent) => Buffer.from(fromBase64Url(agent)));
    const sql = 'select agent from agent_key where is_attended and agent = any($1::bytea[])';
    const rows = await this.db.query<Pick<AgentKeyRow, 'agent'>[]>(sql, [keys]);
    return rows.map(({ agent }) => parseAgentPubKey(toBase64Url(agent)));
  }

  private async select(where: string, parameters: readonly Uint8Array[]): Promise<readonly SealedKey[]> {
    const sql = `select agent, sealed, is_attended from agent_key ${where}`;
    return (await this.db.query<AgentKeyRow[]>(sql, [...parameters])).map((row) => ({
      agent: parseAgentPubKey(toBase64Url(row.agent)),
      sealed: row.sealed,
      isAttended: row.is_attended,
    }));
  }
}
