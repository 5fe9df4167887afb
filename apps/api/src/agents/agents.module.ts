import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { madeOf } from '../node/made-of.js';
import { NodeModule } from '../node/node.module.js';
import { NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AgentMaker } from './agent-maker.js';
import { AgentsController } from './agents.controller.js';
import { CreationStore } from './creation.store.js';
import { DirectoryStore } from './directory.store.js';
import { Registration } from './registration.js';
import { SessionsController } from './sessions.controller.js';

const agentMaker = madeOf(AgentMaker, {
  node: NODE,
  life: AgentLifecycle,
  sessions: Sessions,
  directory: DirectoryStore,
  creations: CreationStore,
  gate: PassphraseGate,
  registration: Registration,
});

@Module({
  imports: [AccessModule, NodeModule, SessionsModule],
  controllers: [AgentsController, SessionsController],
  providers: [CreationStore, DirectoryStore, Registration, agentMaker],
  exports: [DirectoryStore, Registration],
})
export class AgentsModule {}
