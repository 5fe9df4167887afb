import { AgentDeletion, agentTable } from '@musubi/node';
import { Module, type Provider } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { Homes } from '../access/homes.js';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { AgentsModule } from '../agents/agents.module.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { madeOf } from '../node/made-of.js';
import { NodeModule } from '../node/node.module.js';
import { type ServiceNode } from '../node/service-node.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { idempotencyKeyTable } from '../schema/index.js';
import { Sessions } from '../sessions/sessions.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AgentDeletions } from './agent-deletions.js';
import { DeletionKeeper } from './deletion-keeper.js';
import { DeletionController } from './deletion.controller.js';

/** Sessions and the entry in the directory go with the key: the other rows of the service are those of Idempotency-Keys. */
function makeDeletion({ db, fences, keyring }: ServiceNode): AgentDeletion {
  const tables = [agentTable(idempotencyKeyTable, 'agent')];
  return new AgentDeletion({ database: db, fences, keyring, tables });
}

const PROVIDERS: Provider[] = [
  { provide: AgentDeletion, inject: [NODE], useFactory: makeDeletion },
  madeOf(DeletionKeeper, {
    config: CONFIG,
    node: NODE,
    deletion: AgentDeletion,
    life: AgentLifecycle,
    directory: DirectoryStore,
  }),
  madeOf(AgentDeletions, {
    node: NODE,
    deletion: AgentDeletion,
    keeper: DeletionKeeper,
    life: AgentLifecycle,
    sessions: Sessions,
    directory: DirectoryStore,
    gate: PassphraseGate,
    homes: Homes,
  }),
];

@Module({
  imports: [AccessModule, AgentsModule, NodeModule, SessionsModule],
  controllers: [DeletionController],
  providers: PROVIDERS,
})
export class DeletionModule {}
