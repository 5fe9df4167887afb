import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { DirectoryStore } from '../agents/directory.store.js';
import { ApiError } from '../problem/api-error.js';
import { CONTACT_LIMIT, ContactStore } from './contact.store.js';

/** Contacts that are agents of this node: the directory has them, so that no card is needed. */
@Injectable()
export class LocalContacts {
  constructor(
    private readonly directory: DirectoryStore,
    private readonly store: ContactStore,
  ) {}

  /** Repeatable, also for a contact of another node. @throws ApiError `invalid`, `contact-limit-reached`; AgentOfflineError */
  async add(holder: AgentPubKey, agent: AgentPubKey): Promise<void> {
    if (holder === agent || !(await this.directory.has(agent))) {
      if (await this.store.has(holder, agent)) return;
      throw new ApiError(
        'invalid',
        'An agent of this node can be a contact without a card: this is none, or is yourself.',
        [{ path: 'card', message: 'needed for an agent of another node' }],
      );
    }
    if (!(await this.store.add(holder, agent)))
      throw new ApiError('contact-limit-reached', `This agent has its ${CONTACT_LIMIT} contacts already.`);
  }
}
