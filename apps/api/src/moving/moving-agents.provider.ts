import { PassphraseGate } from '../access/passphrase-gate.js';
import { DirectoryStore } from '../agents/directory.store.js';
import { Registration } from '../agents/registration.js';
import { ContactStore } from '../contacts/contact.store.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { madeOf } from '../node/made-of.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { Homes } from '../access/homes.js';
import { MovingAgents } from './moving-agents.js';

export const movingAgents = madeOf(MovingAgents, {
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
