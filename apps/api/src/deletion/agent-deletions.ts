import { type OpenedKeys } from '@musubi/cell';
import { type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type AgentDeletion } from '@musubi/node';
import { type Caller, requireSelf } from '../access/access.js';
import { type Homes } from '../access/homes.js';
import { type PassphraseGate } from '../access/passphrase-gate.js';
import { type DirectoryStore } from '../agents/directory.store.js';
import { type AgentLifecycle } from '../node/agent-lifecycle.js';
import { type ServiceNode } from '../node/service-node.js';
import { ApiError, wrongPassphrase } from '../problem/api-error.js';
import { type Sessions } from '../sessions/sessions.js';
import { type DeletionKeeper } from './deletion-keeper.js';

interface AgentDeletionsParts {
  readonly node: Pick<ServiceNode, 'db' | 'fences' | 'keyring' | 'log' | 'network' | 'writers'>;
  readonly deletion: AgentDeletion;
  readonly keeper: DeletionKeeper;
  readonly life: AgentLifecycle;
  readonly sessions: Sessions;
  readonly directory: DirectoryStore;
  readonly gate: PassphraseGate;
  readonly homes: Homes;
}

interface Owner {
  readonly agent: AgentPubKey;
  readonly passphrase: string;
  /** Where the request came from. */
  readonly address: string;
}

/** Agents that their owners delete. */
export class AgentDeletions {
  constructor(private readonly parts: AgentDeletionsParts) {}

  /**
   * From when this resolves on the agent is gone: its key, its sessions and its place in the directory. Its other rows go
   * afterwards. Repeatable. @throws ApiError `unauthenticated`, `forbidden`; MovedError; TryLaterError
   */
  async delete(owner: Owner, caller: Caller | undefined): Promise<void> {
    const { agent } = owner;
    // The answer to the first request may have been lost, and its token is gone.
    if (this.parts.node.fences.find(agent)?.isDeleted === true) return;
    const opened = await this.open(owner, caller);
    if (opened === 'gone') return;
    try {
      await this.parts.life.inTurn(agent, () => this.begin(agent, opened));
    } finally {
      // Also where nobody knows whether it was committed: then the keeper finds out.
      this.parts.sessions.lookAgain();
      this.parts.keeper.poke();
    }
  }

  /**
   * @returns `gone` when it was deleted meanwhile, or by another process, of which this one has not heard yet
   * @throws ApiError `unauthenticated`, `forbidden`; MovedError; TryLaterError
   */
  private async open(
    { agent, address, passphrase }: Owner,
    caller: Caller | undefined,
  ): Promise<OpenedKeys | 'gone'> {
    const { gate, homes, node } = this.parts;
    const orGone = async (): Promise<'gone' | null> =>
      (await node.fences.isDeleted(node.db, agent)) ? 'gone' : null;
    if (caller === undefined) {
      const gone = await orGone();
      if (gone !== null) return gone;
      throw new ApiError('unauthenticated', 'A valid bearer token is needed.');
    }
    requireSelf(agent, caller.agent);
    await homes.require(agent);
    // Such a one is no wrong passphrase, and does not count as one.
    const opened = await gate.attempt(
      { address, agent },
      async () => (await node.keyring.exportKey(agent, passphrase)) ?? (await orGone()),
    );
    if (opened === null) throw wrongPassphrase();
    return opened;
  }

  private async begin(agent: AgentPubKey, { keys, stored }: OpenedKeys): Promise<void> {
    const { deletion, directory, keeper, node, sessions } = this.parts;
    // Only its keys tell who they are, and only as long as the rows are there.
    const contacts = node.network.links === null ? [] : await node.writers.contacts.allOf(keys);
    let ended: readonly string[] = [];
    const isBegun = await deletion.begin({ agent, stored }, async (tx: Sql) => {
      ended = await sessions.removeAll(tx, agent);
      await directory.remove(tx, agent);
      await keeper.tellOthers(tx);
    });
    if (!isBegun) return this.requireDeleted(agent);
    await this.parts.life.lock(agent);
    await sessions.deleted(agent, ended);
    await this.release(agent, contacts);
  }

  /** By another call at once. @throws ApiError `unauthenticated`; MovedError */
  private async requireDeleted(agent: AgentPubKey): Promise<void> {
    const { homes, node } = this.parts;
    if (node.fences.find(agent)?.isDeleted === true) return;
    await homes.require(agent);
    // The passphrase was changed while it was being tried.
    throw wrongPassphrase();
  }

  /** The records of other nodes' agents are kept for this one no longer. The agent is deleted, whatever becomes of them. */
  private async release(agent: AgentPubKey, contacts: readonly AgentPubKey[]): Promise<void> {
    const { log, network } = this.parts.node;
    try {
      for (const contact of contacts) await network.links?.release(agent, contact);
    } catch (error) {
      log.warn('cards-not-released', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}
