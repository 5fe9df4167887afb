import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { type z } from 'zod';
import { ContactStore } from '../contacts/contact.store.js';
import { type ServiceStrategy } from '../node/strategies.js';
import { MessageTracker } from './message-tracker.js';
import { messageView } from './message.view.js';
import { type ConversationPageQuery, type conversationPageSchema } from './messages.schemas.js';

export type ConversationPage = z.infer<typeof conversationPageSchema>;

/** Conversations as the API shows them: the last message, what is unread, and the holder's name for the peer. */
@Injectable()
export class ConversationPages {
  constructor(
    private readonly tracker: MessageTracker,
    private readonly contacts: ContactStore,
  ) {}

  /** @throws InvalidCursorError, AgentOfflineError */
  async of(
    strategy: ServiceStrategy,
    agent: AgentPubKey,
    { before, limit }: ConversationPageQuery,
  ): Promise<ConversationPage> {
    const from = before === undefined ? {} : { before };
    const { items, ...cursors } = await strategy.messages.conversations(agent, { ...from, limit });
    const { name } = strategy;
    const lasts = items.map(({ last }) => last);
    const tracked = await this.tracker.trackAll(name, agent, lasts);
    const peers = items.map(({ peer }) => peer);
    const details = await this.contacts.details(agent, peers);
    const views = tracked.map((last) => messageView(name, last));
    return {
      items: items.flatMap((item, index) =>
        views
          .slice(index, index + 1)
          .map((last) => ({ ...item, petname: details[index]?.petname ?? null, last })),
      ),
      ...cursors,
    };
  }
}
