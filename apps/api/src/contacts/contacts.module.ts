import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { WritersModule } from '../writers/writers.module.js';
import { CardsController } from './cards.controller.js';
import { ContactStore } from './contact.store.js';
import { Contacts } from './contacts.js';
import { ContactsController } from './contacts.controller.js';
import { LocalContacts } from './local-contacts.js';

@Module({
  imports: [AccessModule, AgentsModule, WritersModule],
  controllers: [CardsController, ContactsController],
  providers: [ContactStore, Contacts, LocalContacts],
  exports: [ContactStore, Contacts],
})
export class ContactsModule {}
