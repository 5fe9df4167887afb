import { fromBase64Url } from '@musubi/crypto';
import { type Sql, violatedConstraint } from '@musubi/database';
import { AgentMovedError, type AgentPubKey } from '@musubi/messaging';

/** Rejects what is written for an agent that is fenced. The database says so by itself: see the migration. */
const AT_HOME = 'agent_at_home';

export function isMovedAgent(error: unknown): boolean {
  return violatedConstraint(error) === AT_HOME;
}

/** @throws AgentMovedError in place of the database's error, when the agent is fenced */
export async function atHome<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isMovedAgent(error) ? movedError(error) : error;
  }
}

export function movedError(cause: unknown): AgentMovedError {
  return new AgentMovedError('this agent has left this node, or is leaving it', { cause });
}

/** For a transaction that writes under another name than the agent's. To be run within `atHome`. */
export async function requireAtHome(tx: Sql, agent: AgentPubKey): Promise<void> {
  await tx.query('select require_agent_at_home($1)', [fromBase64Url(agent)]);
}
