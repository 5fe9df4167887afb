import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AgentChanges } from './agent-changes.js';
import { ChangesController } from './changes.controller.js';

@Module({
  imports: [AccessModule, MessagesModule, SessionsModule],
  controllers: [ChangesController],
  providers: [AgentChanges],
  exports: [AgentChanges],
})
export class ChangesModule {}
