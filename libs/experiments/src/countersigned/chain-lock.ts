import { AsyncLocalStorage } from 'node:async_hooks';
import { type CommitHooks, type NodeContext, type SourceChains } from '@musubi/cell';
import { type Sql } from '@musubi/database';
import { type AgentPubKey, ChainLockedError, type MessageId } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { ownChain } from '@musubi/source-chain';
import { type Session, isOpen } from './session.js';
import { type SessionStore } from './session.store.js';

/** Keeps everybody from a chain but the session it is locked for. */
export class ChainLock {
  /** The session in whose name the current call writes. */
  private readonly inSession = new AsyncLocalStorage<MessageId>();

  constructor(
    private readonly node: Pick<NodeContext, 'keyring' | 'clock'>,
    private readonly sessions: SessionStore,
    /** How long a session may last, in milliseconds. */
    private readonly sessionMs: number,
  ) {}

  /** Commits of which each is refused that writes a locked chain. */
  guard(inner: CommitHooks): CommitHooks {
    return {
      run: (point, transaction) =>
        inner.run(point, (atCommit) =>
          transaction(async (tx) => {
            await this.admit(tx, point.agent);
            await atCommit?.(tx);
          }),
        ),
    };
  }

  /** Whatever the work writes, it writes in the name of the session of that message. */
  within<Result>(message: MessageId, work: () => Promise<Result>): Promise<Result> {
    return this.inSession.run(message, work);
  }

  /** Locks the holder's chain for the session. @throws ChainLockedError when another session has it */
  take(
    chains: SourceChains,
    holder: AgentPubKey,
    { message, session }: { readonly message: MessageId; readonly session: Session },
  ): Promise<void> {
    const keys = this.node.keyring.keysOf(holder);
    return this.within(message, () =>
      // A write holds the chain's head: sessions and writes come one after the other.
      chains.write(ownChain(keys), async ({ tx }) => {
        await this.admit(tx, holder);
        await this.sessions.put(tx, keys, { message, session });
      }),
    );
  }

  /** @throws ChainLockedError when the chain is locked for a session that is not the caller's */
  private async admit(tx: Sql, holder: AgentPubKey): Promise<void> {
    const now = this.node.clock.now();
    const mine = this.inSession.getStore();
    const own = mine === undefined ? null : blindedKey(this.node.keyring.keysOf(holder), mine);
    for (const { key, session } of await this.sessions.list(tx, holder)) {
      const isOwn = own !== null && Buffer.compare(key, own) === 0;
      if (!isOwn && isOpen(session, now, this.sessionMs)) {
        throw new ChainLockedError('the chain is locked for a countersigning session');
      }
    }
  }
}
