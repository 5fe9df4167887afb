import { type Model } from '../model.js';
import { type LoneNode } from '../lone-node.js';
import { type Act, agentAt } from './act.js';
import { type Crash, calmDown } from './on-node.js';

/** Somebody sets the time of day wrong, or right again; then the process is started anew, or goes on. */
export class SetClock implements Act {
  constructor(
    private readonly seconds: number,
    private readonly restart: Crash | undefined,
  ) {}

  async perform(model: Model, system: LoneNode): Promise<void> {
    model.passTime(system.setClock(this.seconds));
    await this.restart?.perform(model, system);
  }

  toString(): string {
    return `setClock(${this.seconds} s wrong${this.restart === undefined ? '' : `, ${this.restart.toString()}`})`;
  }
}

/** The node sleeps, and none of its timers notices; another one lives on its database meanwhile, for some agents. */
export class Sleep implements Act {
  constructor(
    private readonly seconds: number,
    private readonly elsewhere: { readonly agents: readonly number[]; readonly acts: readonly Act[] },
  ) {}

  async perform(model: Model, system: LoneNode): Promise<void> {
    const { agents, acts } = this.elsewhere;
    await calmDown(model, system);
    system.clock.set(this.seconds);
    model.passTime(this.seconds);
    if (agents.length === 0) return;
    const there = [...new Set(agents.map((agent) => agentAt(model, agent)))];
    const { network, commits } = model;
    // Who is online here may be offline there, and what fails here works there.
    Object.assign(model, { isAlone: false, network: [], commits: [] });
    await system.elsewhere(there, async () => {
      for (const act of acts) await act.perform(model, system);
    });
    Object.assign(model, { isAlone: true, network, commits, hasMissedPushes: true });
  }

  toString(): string {
    const { agents, acts } = this.elsewhere;
    return `sleep(${this.seconds} s, elsewhere ${agents.join(', ')}: ${acts.map(String).join(', ')})`;
  }
}
