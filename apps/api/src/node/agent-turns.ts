import { type AgentPubKey } from '@musubi/messaging';

/** Lets work on one agent wait its turn; work on different agents does not wait for each other. */
export class AgentTurns {
  private readonly last = new Map<AgentPubKey, Promise<unknown>>();

  async take<Value>(agent: AgentPubKey, work: () => Promise<Value>): Promise<Value> {
    const before = this.last.get(agent) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.last.set(agent, turn);
    try {
      return await turn;
    } finally {
      if (this.last.get(agent) === turn) this.last.delete(agent);
    }
  }
}
