import { type AgentKeys, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { retrying } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { atHome } from '../home/at-home.js';
import { type ContactDetailRow } from '../schema/tables.js';
import { type SealedAgents } from './sealed-agents.js';

/** What a holder has noted of a contact. */
export interface ContactDetail {
  /** Whether the contact sees that its messages were read; `null`: as for everybody. */
  readonly isTold: boolean | null;
}

const NOTHING: ContactDetail = { isTold: null };

interface ContactDetailsParts {
  readonly db: DataSource;
  keysOf(agent: AgentPubKey): AgentKeys;
  readonly contacts: Pick<SealedAgents, 'nameOf'>;
}

/** What each agent has noted of its contacts. It goes with the contact. */
export class ContactDetails {
  constructor(private readonly parts: ContactDetailsParts) {}

  /** Of each of these agents, in their order. @throws AgentOfflineError */
  async of(holder: AgentPubKey, agents: readonly AgentPubKey[]): Promise<readonly ContactDetail[]> {
    if (agents.length === 0) return [];
    const keys = this.parts.keysOf(holder);
    const names = agents.map((agent) => this.parts.contacts.nameOf(keys, agent));
    const rows = await this.parts.db.query<ContactDetailRow[]>(
      'select * from contact_detail where holder = $1 and key = any($2::bytea[])',
      [fromBase64Url(holder), names],
    );
    const found = new Map(rows.map((row) => [toBase64Url(row.key), detailIn(row)]));
    return names.map((name) => found.get(toBase64Url(name)) ?? NOTHING);
  }

  /**
   * Whatever is absent stays. A switch holds from when this resolves on, in every process.
   * @returns false when the agent is no contact @throws AgentOfflineError, AgentMovedError
   */
  async change(
    holder: AgentPubKey,
    agent: AgentPubKey,
    { isTold }: Partial<ContactDetail>,
  ): Promise<boolean> {
    const keys = this.parts.keysOf(holder);
    const sql = `
      insert into contact_detail as detail (holder, key, is_told) values ($1, $2, $3)
      on conflict on constraint contact_detail_once do update
      set is_told = case when $4 then excluded.is_told else detail.is_told end
      returning key`;
    const name = this.parts.contacts.nameOf(keys, agent);
    const values = [fromBase64Url(holder), name, isTold ?? null, isTold !== undefined];
    const rows = await atHome(() => retrying(() => this.parts.db.query<unknown[]>(sql, values)));
    return rows.length > 0;
  }
}

function detailIn({ is_told: isTold }: ContactDetailRow): ContactDetail {
  return { isTold };
}
