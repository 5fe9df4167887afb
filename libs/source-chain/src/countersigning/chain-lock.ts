import { AsyncLocalStorage } from 'node:async_hooks';
import { type NodeContext } from '@musubi/cell';
import { type Sql, transact } from '@musubi/database';
import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, ChainLockedError, type MessageId } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { SOURCE_CHAIN_SPACE } from '../source-chain.dna.js';
import { type Session } from './session.js';
import { type SessionStore } from './session.store.js';

/** Keeps everybody from a chain but the session it is locked for. */
export class ChainLock {
  /** The session in whose name the current call writes. */
  private readonly inSession = new AsyncLocalStorage<MessageId>();

  constructor(
    private readonly node: Pick<NodeContext, 'db' | 'keyring' | 'clock'>,
    private readonly sessions: SessionStore,
  ) {}

  /** Whatever the work writes, it writes in the name of the session of that message. */
  within<Result>(message: MessageId, work: () => Promise<Result>): Promise<Result> {
    return this.inSession.run(message, work);
  }

  /** Locks the holder's chain for the session. @throws ChainLockedError when another session has it */
  take(holder: AgentPubKey, message: MessageId, session: Session): Promise<void> {
    const keys = this.node.keyring.keysOf(holder);
    return this.within(message, () =>
      transact(this.node.db, async (tx) => {
        // Whoever writes this chain holds this row: sessions and writes come one after the other.
        await tx.query('select 1 from chain_head where space = $1 and author = $2 for update', [
          fromBase64Url(SOURCE_CHAIN_SPACE),
          fromBase64Url(holder),
        ]);
        await this.admit(tx, holder);
        await this.sessions.put(tx, keys, { message, session });
      }),
    );
  }

  /** @throws ChainLockedError when the chain is locked for a session that is not the caller's */
  async admit(tx: Sql, holder: AgentPubKey): Promise<void> {
    const now = this.node.clock.now();
    const mine = this.inSession.getStore();
    const own = mine === undefined ? null : blindedKey(this.node.keyring.keysOf(holder), mine);
    for (const { key, session } of await this.sessions.list(tx, holder)) {
      const isOwn = own !== null && Buffer.compare(key, own) === 0;
      if (!isOwn && session.endsAt > now) {
        throw new ChainLockedError('the chain is locked for a countersigning session');
      }
    }
  }
}
