import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ChangesModule } from '../changes/changes.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AgentEvents } from './agent-events.js';
import { PacedReads } from './paced-reads.js';
import { SignalsController } from './signals.controller.js';

@Module({
  imports: [AccessModule, ChangesModule, SessionsModule],
  controllers: [SignalsController],
  providers: [AgentEvents, PacedReads],
})
export class SignalsModule {}
