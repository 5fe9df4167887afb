import { type Provider } from '@nestjs/common';
import { PassphraseGate } from '../access/passphrase-gate.js';
import { AgentLifecycle } from '../node/agent-lifecycle.js';
import { NODE } from '../node/tokens.js';
import { Sessions } from '../sessions/sessions.js';
import { AgentMaker, type AgentMakerParts } from './agent-maker.js';
import { CreationStore } from './creation.store.js';
import { DirectoryStore } from './directory.store.js';
import { Registration } from './registration.js';

/** Its parts by name: there are more of them than a constructor should take. */
const PARTS = {
  node: NODE,
  life: AgentLifecycle,
  sessions: Sessions,
  directory: DirectoryStore,
  creations: CreationStore,
  gate: PassphraseGate,
  registration: Registration,
} as const satisfies Record<keyof AgentMakerParts, unknown>;

export const agentMaker: Provider = {
  provide: AgentMaker,
  inject: Object.values(PARTS),
  useFactory: (...parts: readonly unknown[]): AgentMaker => {
    const named = Object.fromEntries(Object.keys(PARTS).map((name, index) => [name, parts[index]]));
    return new AgentMaker(named as unknown as AgentMakerParts);
  },
};
