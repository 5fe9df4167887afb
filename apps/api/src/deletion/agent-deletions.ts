import { type AgentKeys } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type AgentDeletion } from '@musubi/node';
import { type Caller, requireSelf } from '../access/access.js';
import { type Homes } from '../access/homes.js';
import { type PassphraseGate } from '../access/passphrase-gate.js';
import { type DirectoryStore } from '../agents/directory.store.js';
import { type ContactStore } from '../contacts/contact.store.js';
import { type AgentLifecycle } from '../node/agent-lifecycle.js';
import { type ServiceNode } from '../node/service-node.js';
import { ApiError, wrongPassphrase } from '../problem/api-error.js';
import { type Sessions } from '../sessions/sessions.js';
import { type DeletionKeeper } from './deletion-keeper.js';

interface AgentDeletionsParts {
  readonly node: Pick<ServiceNode, 'fences' | 'keyring' | 'network'>;
  readonly deletion: AgentDeletion;
  readonly keeper: DeletionKeeper;
  readonly life: AgentLifecycle;
  readonly sessions: Sessions;
  readonly directory: DirectoryStore;
  readonly contacts: ContactStore;
  readonly gate: PassphraseGate;
  readonly homes: Homes;
}

interface Owner {
  readonly agent: AgentPubKey;
  readonly passphrase: string;
  /** Where the request came from. */
  readonly address: string;
}

/** Contacts that are read at once. */
const PAGE = 200;

/** Agents that their owners delete. */
export class AgentDeletions {
  constructor(private readonly parts: AgentDeletionsParts) {}

  /**
   * From when this resolves on the agent is gone: its key, its sessions and its place in the directory. Its other rows go
   * afterwards. Repeatable. @throws ApiError `unauthenticated`, `forbidden`; MovedError; TryLaterError
   */
  async delete(owner: Owner, caller: Caller | undefined): Promise<void> {
    const { fences, keyring } = this.parts.node;
    const { agent, address, passphrase } = owner;
    // The answer to the first request may have been lost, and its token is gone.
    if (fences.find(agent)?.isDeleted === true) return;
    await this.requireOwner(agent, caller);
    const opened = await this.parts.gate.attempt({ address, agent }, () =>
      keyring.exportKey(agent, passphrase),
    );
    if (opened === null) throw wrongPassphrase();
    try {
      await this.parts.life.inTurn(agent, () => this.begin({ agent, ...opened }));
    } finally {
      // Also where nobody knows whether it was committed: then the keeper finds out.
      this.parts.sessions.lookAgain();
      this.parts.keeper.poke();
    }
  }

  /** @throws ApiError `unauthenticated`, `forbidden`; MovedError */
  private async requireOwner(agent: AgentPubKey, caller: Caller | undefined): Promise<void> {
    if (caller === undefined) throw new ApiError('unauthenticated', 'A valid bearer token is needed.');
    requireSelf(agent, caller.agent);
    await this.parts.homes.require(agent);
  }

  private async begin({
    agent,
    keys,
    stored,
  }: {
    readonly agent: AgentPubKey;
    readonly keys: AgentKeys;
    readonly stored: Uint8Array;
  }): Promise<void> {
    const { deletion, directory, homes, keeper, node, sessions } = this.parts;
    await this.releaseCards(keys);
    let ended: readonly string[] = [];
    const isBegun = await deletion.begin({ agent, stored }, async (tx: Sql) => {
      ended = await sessions.removeAll(tx, agent);
      await directory.remove(tx, agent);
      await keeper.tellOthers(tx);
    });
    if (!isBegun) {
      if (node.fences.find(agent)?.isDeleted === true) return;
      await homes.require(agent);
      // The passphrase was changed while it was being tried.
      throw wrongPassphrase();
    }
    await this.parts.life.lock(agent);
    await sessions.deleted(agent, ended);
  }

  /** The records of other nodes' agents that are kept for this one. Only its keys tell whose these are. */
  private async releaseCards(keys: AgentKeys): Promise<void> {
    const { contacts, node } = this.parts;
    const { links } = node.network;
    if (links === null) return;
    const isOnline = node.keyring.isOnline(keys.agent);
    if (!isOnline) node.keyring.admit(keys);
    try {
      let after: string | undefined;
      do {
        const { items, next } = await contacts.list(keys.agent, {
          limit: PAGE,
          ...(after === undefined ? {} : { after }),
        });
        for (const contact of items) await links.release(keys.agent, contact);
        after = next ?? undefined;
      } while (after !== undefined);
    } finally {
      if (!isOnline) node.keyring.lock(keys.agent);
    }
  }
}
