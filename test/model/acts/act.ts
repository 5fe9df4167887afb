import { type AgentPubKey } from '@musubi/messaging';
import { type Model, type ModelMessage } from '../model.js';
import { type ModelledSystem } from '../modelled-system.js';

/** Something that is done to the system and to the model alike; several may be under way at once. */
export interface Act {
  /** @throws what the model does not explain */
  perform(model: Model, system: ModelledSystem): Promise<void>;
  toString(): string;
}

/** Any number names an agent, so that a sequence of acts shrinks freely. */
export function agentAt({ agents }: Model, index: number): AgentPubKey {
  const agent = agents[index % agents.length];
  if (agent === undefined) throw new Error('there are no agents');
  return agent;
}

/** Any number names a message; `undefined` while there is none. */
export function messageAt({ messages }: Model, index: number): ModelMessage | undefined {
  return messages[index % messages.length];
}

/** Does something for an agent. @returns `undefined` when it ran into something that the model explains */
export async function attemptFor<Result>(
  model: Model,
  agent: AgentPubKey,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!model.explains(error, agent)) throw error;
    return undefined;
  }
}
