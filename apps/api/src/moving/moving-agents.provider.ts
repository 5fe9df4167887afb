import { type Provider } from '@nestjs/common';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { Registration } from '../agents/registration.js';
import { ContactStore } from '../contacts/contact.store.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { Homes } from '../access/homes.js';
import { MovingAgents, type MovingAgentsParts } from './moving-agents.js';

/** Its parts by name: there are more of them than a constructor should take. */
const PARTS = {
  config: CONFIG,
  node: NODE,
  life: AgentLifecycle,
  sessions: Sessions,
  directory: DirectoryStore,
  contacts: ContactStore,
  gate: PassphraseGate,
  registration: Registration,
  homes: Homes,
} as const satisfies Record<keyof MovingAgentsParts, unknown>;

export const movingAgents: Provider = {
  provide: MovingAgents,
  inject: Object.values(PARTS),
  useFactory: (...parts: readonly unknown[]): MovingAgents => {
    const named = Object.fromEntries(Object.keys(PARTS).map((name, index) => [name, parts[index]]));
    return new MovingAgents(named as unknown as MovingAgentsParts);
  },
};
