import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { Homes } from '../access/homes.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { AgentsModule } from '../agents/agents.module.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { Registration } from '../agents/registration.js';
import { ContactStore } from '../contacts/contact.store.js';
import { ContactsModule } from '../contacts/contacts.module.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { madeOf } from '../node/made-of.js';
import { NodeModule } from '../node/node.module.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { MovingAgents } from './moving-agents.js';
import { MovingController } from './moving.controller.js';

const movingAgents = madeOf(MovingAgents, {
  config: CONFIG,
  node: NODE,
  life: AgentLifecycle,
  sessions: Sessions,
  directory: DirectoryStore,
  contacts: ContactStore,
  gate: PassphraseGate,
  registration: Registration,
  homes: Homes,
});

@Module({
  imports: [AccessModule, AgentsModule, ContactsModule, NodeModule, SessionsModule],
  controllers: [MovingController],
  providers: [movingAgents],
})
export class MovingModule {}
