import { type AgentKeys, decodeCanonical, encodeCanonical, fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type Day, agentPubKeySchema } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { z } from 'zod';

const CONTACT_DOMAIN = 'musubi/mailbox-contact';
const WATCH_DOMAIN = 'musubi/mailbox-watch';

/** With whom an agent exchanges letters, and how far it has read: sealed, for it is the social graph itself. */
export class ContactStore {
  /** At whom an agent has knocked, which is never undone. */
  private readonly knocked = new WeakMap<AgentKeys, Set<AgentPubKey>>();

  constructor(private readonly db: DataSource) {}

  /** @returns false when the peer is known already */
  async add(keys: AgentKeys, peer: AgentPubKey): Promise<boolean> {
    const rows = await this.db.query<unknown[]>(
      `insert into mailbox_contact (holder, key, is_knocked, sealed) values ($1, $2, false, $3)
       on conflict on constraint mailbox_contact_one_per_peer do nothing returning key`,
      [...keyOf(keys, peer), keys.seal(encodeCanonical(peer), CONTACT_DOMAIN)],
    );
    return rows.length === 1;
  }

  async isKnocked(keys: AgentKeys, peer: AgentPubKey): Promise<boolean> {
    if (this.knockedBy(keys).has(peer)) return true;
    const rows = await this.db.query<unknown[]>(
      'select key from mailbox_contact where holder = $1 and key = $2 and is_knocked',
      keyOf(keys, peer),
    );
    if (rows.length === 0) return false;
    this.knockedBy(keys).add(peer);
    return true;
  }

  async markKnocked(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    await this.db.query(
      'update mailbox_contact set is_knocked = true where holder = $1 and key = $2',
      keyOf(keys, peer),
    );
  }

  async peers(keys: AgentKeys): Promise<readonly AgentPubKey[]> {
    const rows = await this.db.query<{ sealed: Uint8Array }[]>(
      'select sealed from mailbox_contact where holder = $1',
      [fromBase64Url(keys.agent)],
    );
    return rows.map(({ sealed }) =>
      agentPubKeySchema.parse(decodeCanonical(keys.open(sealed, CONTACT_DOMAIN))),
    );
  }

  /** The day up to which the agent has read everything; `null` when it never has. */
  async readThrough(keys: AgentKeys): Promise<Day | null> {
    const [row] = await this.db.query<{ sealed: Uint8Array }[]>(
      'select sealed from mailbox_watch where holder = $1',
      [fromBase64Url(keys.agent)],
    );
    if (row === undefined) return null;
    return z
      .number()
      .int()
      .parse(decodeCanonical(keys.open(row.sealed, WATCH_DOMAIN))) as Day;
  }

  async setReadThrough(keys: AgentKeys, day: Day): Promise<void> {
    await this.db.query(
      `insert into mailbox_watch (holder, sealed) values ($1, $2)
       on conflict on constraint mailbox_watch_one_per_holder do update set sealed = excluded.sealed`,
      [fromBase64Url(keys.agent), keys.seal(encodeCanonical(day), WATCH_DOMAIN)],
    );
  }

  private knockedBy(keys: AgentKeys): Set<AgentPubKey> {
    const knocked = this.knocked.get(keys) ?? new Set<AgentPubKey>();
    this.knocked.set(keys, knocked);
    return knocked;
  }
}

function keyOf(keys: AgentKeys, peer: AgentPubKey): Uint8Array[] {
  return [fromBase64Url(keys.agent), keys.blind('musubi/mailbox-contact', fromBase64Url(peer))];
}
