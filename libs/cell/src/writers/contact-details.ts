import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@musubi/crypto';
import { retrying } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import { atHome } from '../home/at-home.js';
import { type ContactDetailRow } from '../schema/tables.js';
import { type SealedAgents } from './sealed-agents.js';

/** What a holder has noted of a contact. */
export interface ContactDetail {
  /** Whether the contact sees that its messages were read; `null`: as for everybody. */
  readonly isTold: boolean | null;
  /** The holder's name for it, that nobody else sees. */
  readonly petname: string | null;
}

const NOTHING: ContactDetail = { isTold: null, petname: null };

const PETNAME_DOMAIN = 'musubi/petname';
/** With the agent that it names: the database cannot give it to another. */
const petnameSchema = z.strictObject({ agent: z.string(), petname: z.string() });

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
    const found = new Map(rows.map((row) => [toBase64Url(row.key), row]));
    return agents.map((agent, index) => {
      const row = found.get(toBase64Url(names[index] ?? new Uint8Array()));
      return row === undefined ? NOTHING : { isTold: row.is_told, petname: petnameIn(keys, agent, row) };
    });
  }

  /**
   * Whatever is absent stays. A switch holds from when this resolves on, in every process.
   * @returns false when the agent is no contact @throws AgentOfflineError, AgentMovedError
   */
  async change(
    holder: AgentPubKey,
    agent: AgentPubKey,
    { isTold, petname }: Partial<ContactDetail>,
  ): Promise<boolean> {
    const keys = this.parts.keysOf(holder);
    const sql = `
      insert into contact_detail as detail (holder, key, is_told, petname) values ($1, $2, $3, $5)
      on conflict on constraint contact_detail_once do update
      set is_told = case when $4 then excluded.is_told else detail.is_told end,
        petname = case when $6 then excluded.petname else detail.petname end
      returning key`;
    const name = this.parts.contacts.nameOf(keys, agent);
    const sealed = petname == null ? null : sealPetname(keys, { agent, petname });
    const told = [isTold ?? null, isTold !== undefined];
    const values = [fromBase64Url(holder), name, ...told, sealed, petname !== undefined];
    const rows = await atHome(() => retrying(() => this.parts.db.query<unknown[]>(sql, values)));
    return rows.length > 0;
  }
}

function sealPetname(keys: AgentKeys, named: z.infer<typeof petnameSchema>): Uint8Array {
  return keys.seal(encodeCanonical(named), PETNAME_DOMAIN);
}

/** `null` also where the row cannot be read. */
function petnameIn(
  keys: AgentKeys,
  agent: AgentPubKey,
  { petname: sealed }: ContactDetailRow,
): string | null {
  if (sealed === null) return null;
  try {
    const named = petnameSchema.parse(decodeCanonical(keys.open(sealed, PETNAME_DOMAIN)));
    return named.agent === agent ? named.petname : null;
  } catch {
    return null;
  }
}
