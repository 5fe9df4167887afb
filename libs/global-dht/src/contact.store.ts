import { THIS_TRANSACTION, atHome } from '@musubi/cell';
import {
  type AgentKeys,
  type RandomBytes,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  toBase64Url,
} from '@musubi/crypto';
import { type AgentPubKey, agentPubKeySchema } from '@musubi/messaging';
import { type DataSource } from 'typeorm';
import { announceContact } from './contact-announcement.js';
import { type MailboxContactRow } from './schema/index.js';

export const CONTACT_DOMAIN = 'musubi/mailbox-contact';

/**
 * A new contact is announced beside new links: the holder may be online elsewhere too. So is one that asks after the
 * holder has written to it. Only the holder's keys see whose it is.
 */
const ADD = `
  with added as (
    insert into mailbox_contact (holder, key, is_knocked, sealed) values ($1, $2, $3, $4)
    on conflict on constraint mailbox_contact_one_per_peer
      do update set is_knocked = true where excluded.is_knocked and not mailbox_contact.is_knocked
    returning holder, key),
  told as (
    insert into dht_arrival (transaction, author, seq, base) select ${THIS_TRANSACTION}, $6, 0, $5 from added)
  select key from added`;

type ContactRow = Omit<MailboxContactRow, 'key'>;

/** A contact by its name in the store. */
export interface ContactName {
  readonly holder: AgentPubKey;
  /** The peer, blinded by the holder's key: 32 bytes as base64url. */
  readonly key: string;
}

/** A contact as it is stored: only its holder's keys open it. */
interface SealedContact {
  readonly holder: AgentPubKey;
  open(keys: AgentKeys): AgentPubKey;
}

/** With whom an agent exchanges letters: sealed, for it is the social graph itself. */
export class ContactStore {
  /** Peers that need no contact request any more, which is never undone. */
  private readonly requested = new WeakMap<AgentKeys, Set<AgentPubKey>>();

  constructor(
    private readonly db: DataSource,
    private readonly random: RandomBytes,
  ) {}

  /** A peer that the holder writes to: it gets a contact request, unless it has sent one itself. */
  add(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    return this.put(keys, peer, false);
  }

  /**
   * A peer that has sent a contact request. It needs none in reply: `save` adds the recipient to the author's contacts
   * before `send` writes the request, so this peer watches the mailboxes in which the holder answers.
   */
  async addRequester(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    await this.put(keys, peer, true);
    this.requestedBy(keys).add(peer);
  }

  /** Whether it is known without asking that the peer needs no contact request. */
  remembersRequest(keys: AgentKeys, peer: AgentPubKey): boolean {
    return this.requestedBy(keys).has(peer);
  }

  async hasRequested(keys: AgentKeys, peer: AgentPubKey): Promise<boolean> {
    if (this.remembersRequest(keys, peer)) return true;
    const rows = await this.db.query<unknown[]>(
      'select key from mailbox_contact where holder = $1 and key = $2 and is_knocked',
      keyOf(keys, peer),
    );
    if (rows.length === 0) return false;
    this.requestedBy(keys).add(peer);
    return true;
  }

  async markRequested(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    await this.db.query(
      'update mailbox_contact set is_knocked = true where holder = $1 and key = $2',
      keyOf(keys, peer),
    );
  }

  /** All contacts of these agents. */
  async of(holders: readonly AgentPubKey[]): Promise<readonly SealedContact[]> {
    const rows = await this.db.query<ContactRow[]>(
      'select holder, is_knocked, sealed from mailbox_contact where holder = any($1)',
      [holders.map((holder) => fromBase64Url(holder))],
    );
    return rows.map((row) => this.sealedContact(row));
  }

  /** Those of that name, if they are there. */
  async named(names: readonly ContactName[]): Promise<readonly SealedContact[]> {
    const rows = await this.db.query<ContactRow[]>(
      `select c.holder, c.is_knocked, c.sealed from unnest($1::bytea[], $2::bytea[]) as named (holder, key)
       join mailbox_contact c on c.holder = named.holder and c.key = named.key`,
      [names.map(({ holder }) => fromBase64Url(holder)), names.map(({ key }) => fromBase64Url(key))],
    );
    return rows.map((row) => this.sealedContact(row));
  }

  private async put(keys: AgentKeys, peer: AgentPubKey, hasRequested: boolean): Promise<void> {
    const sealed = keys.seal(encodeCanonical(peer), CONTACT_DOMAIN);
    const [holder, name] = keyOf(keys, peer);
    const { base, author } = announceContact(keys, name, this.random);
    const row = [holder, name, hasRequested, sealed, base, author];
    await atHome(() => this.db.query(ADD, row));
  }

  private sealedContact({ holder, is_knocked: hasRequested, sealed }: ContactRow): SealedContact {
    return {
      holder: agentPubKeySchema.parse(toBase64Url(holder)),
      open: (keys) => {
        const peer = agentPubKeySchema.parse(decodeCanonical(keys.open(sealed, CONTACT_DOMAIN)));
        if (hasRequested) this.requestedBy(keys).add(peer);
        return peer;
      },
    };
  }

  private requestedBy(keys: AgentKeys): Set<AgentPubKey> {
    const requested = this.requested.get(keys) ?? new Set<AgentPubKey>();
    this.requested.set(keys, requested);
    return requested;
  }
}

function keyOf(keys: AgentKeys, peer: AgentPubKey): [holder: Uint8Array, name: Uint8Array] {
  return [fromBase64Url(keys.agent), keys.blind('musubi/mailbox-contact', fromBase64Url(peer))];
}
