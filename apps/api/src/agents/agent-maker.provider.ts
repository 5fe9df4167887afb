import { PassphraseGate } from '../access/passphrase-gate.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { madeOf } from '../node/made-of.js';
import { NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { AgentMaker } from './agent-maker.js';
import { CreationStore } from './creation.store.js';
import { DirectoryStore } from './directory.store.js';
import { Registration } from './registration.js';

export const agentMaker = madeOf(AgentMaker, {
  node: NODE,
  life: AgentLifecycle,
  sessions: Sessions,
  directory: DirectoryStore,
  creations: CreationStore,
  gate: PassphraseGate,
  registration: Registration,
});
