import { type NodeContext } from '@musubi/cell';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type AgentPubKey, type MessageId } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { type CountersigningSessionRow } from './schema.js';
import { type Session, decodeSession, encodeSession } from './session.js';

const DOMAIN = 'musubi/countersigning-session';

/** The rows of sessions, each sealed with its holder's key. */
export class SessionStore {
  constructor(private readonly node: Pick<NodeContext, 'keyring' | 'random'>) {}

  /** The sessions of a holder, whether their lock has ended or not. */
  async list(
    db: Sql,
    holder: AgentPubKey,
  ): Promise<readonly { readonly key: Uint8Array; readonly session: Session }[]> {
    const keys = this.node.keyring.keysOf(holder);
    const rows = await db.query<CountersigningSessionRow[]>(
      'select key, sealed from countersigning_session where holder = $1',
      [fromBase64Url(holder)],
    );
    return rows.map(({ key, sealed }) => ({ key, session: decodeSession(keys.open(sealed, DOMAIN)) }));
  }

  async find(db: Sql, holder: AgentPubKey, message: MessageId): Promise<Session | null> {
    const keys = this.node.keyring.keysOf(holder);
    const [row] = await db.query<CountersigningSessionRow[]>(
      'select sealed from countersigning_session where holder = $1 and key = $2',
      nameOf(keys, message),
    );
    return row === undefined ? null : decodeSession(keys.open(row.sealed, DOMAIN));
  }

  /** Begins a session, or begins it anew. */
  async put(
    tx: Sql,
    keys: AgentKeys,
    { message, session }: { readonly message: MessageId; readonly session: Session },
  ): Promise<void> {
    await tx.query(
      `insert into countersigning_session (holder, key, sealed) values ($1, $2, $3)
       on conflict on constraint countersigning_session_once do update set sealed = excluded.sealed`,
      [...nameOf(keys, message), keys.seal(encodeSession(session, this.node.random), DOMAIN)],
    );
  }

  /** @returns false when there was none */
  async remove(tx: Sql, holder: AgentPubKey, message: MessageId): Promise<boolean> {
    const keys = this.node.keyring.keysOf(holder);
    const [, removed] = await tx.query<[unknown[], number]>(
      'delete from countersigning_session where holder = $1 and key = $2',
      nameOf(keys, message),
    );
    return removed === 1;
  }
}

function nameOf(keys: AgentKeys, message: MessageId): Uint8Array[] {
  return [fromBase64Url(keys.agent), blindedKey(keys, message)];
}
