import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { DirectoryStore } from '../agents/directory.store.js';
import { Contacts } from '../contacts/contacts.js';
import { WriteAccess } from '../writers/write-access.js';
import { type StartView } from './start.schemas.js';

/** What an agent has set and noted for itself. It has no part in the changes. */
@Injectable()
export class OwnPages {
  constructor(
    private readonly directory: DirectoryStore,
    private readonly access: WriteAccess,
    private readonly contacts: Contacts,
  ) {}

  /** @throws AgentOfflineError */
  async of(agent: AgentPubKey, limit: number): Promise<Pick<StartView, 'agent' | 'settings' | 'contacts'>> {
    const [entry, settings, contacts] = await Promise.all([
      this.directory.find(agent),
      this.access.settings(agent),
      this.contacts.list(agent, { limit }),
    ]);
    return { agent: { agent, nickname: entry?.nickname ?? '' }, settings, contacts };
  }
}
