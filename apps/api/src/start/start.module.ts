import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AgentsModule } from '../agents/agents.module.js';
import { ChangesModule } from '../changes/changes.module.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { WritersModule } from '../writers/writers.module.js';
import { OwnPages } from './own-pages.js';
import { StartController } from './start.controller.js';
import { StartPages } from './start-pages.js';

@Module({
  imports: [AccessModule, AgentsModule, ChangesModule, ContactsModule, MessagesModule, WritersModule],
  controllers: [StartController],
  providers: [OwnPages, StartPages],
})
export class StartModule {}
