import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { ActOfSending } from './act-of-sending.js';
import { ConversationPages } from './conversation-pages.js';
import { FirstContacts } from './first-contacts.js';
import { IdempotencyStore } from './idempotency.store.js';
import { MessageSearch } from './message-search.js';
import { MessageTracker } from './message-tracker.js';
import { MessagesController } from './messages.controller.js';
import { PinsController } from './pins.controller.js';
import { ReceiptsController } from './receipts.controller.js';
import { Recipients } from './recipients.js';
import { SearchController } from './search.controller.js';
import { SendRequests } from './send-requests.js';
import { Waits } from './waits.js';

@Module({
  imports: [AccessModule, AgentsModule, ContactsModule],
  controllers: [MessagesController, SearchController, ReceiptsController, PinsController],
  providers: [
    ActOfSending,
    ConversationPages,
    FirstContacts,
    IdempotencyStore,
    MessageSearch,
    MessageTracker,
    Recipients,
    SendRequests,
    Waits,
  ],
  exports: [ConversationPages, MessageTracker, Recipients],
})
export class MessagesModule {}
