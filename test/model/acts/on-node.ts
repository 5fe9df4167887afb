import { type CommitFaultRule } from '@musubi/cell';
import { type OutboxEntry } from '@musubi/delivery';
import { type AgentPubKey } from '@musubi/messaging';
import { type NetworkFaultRule } from '@musubi/network';
import { requireThat } from '../invariants.js';
import { type Model } from '../model.js';
import { MAILBOX_POLL_MS, type LoneNode } from '../lone-node.js';
import { type ModelledSystem } from '../modelled-system.js';
import { type Act, agentAt, attemptFor } from './act.js';
import { tryStep } from './try-step.js';

const ROUNDS = 24;
const PAUSE_S = 3;

/** Waits until nothing goes on by itself; those who were online sign in again with the node that follows a dead one. */
export async function calmDown(model: Model, system: ModelledSystem): Promise<void> {
  while (await system.whenIdle()) {
    for (const agent of model.online) {
      if (!system.isUp(agent)) continue;
      await attemptFor(model, agent, () => system.within(agent, (node) => node.goOnline(agent)));
    }
  }
}

export class SignIn implements Act {
  constructor(private readonly agent: number) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    const agent = agentAt(model, this.agent);
    if (!system.isUp(agent)) return;
    // Its cell may act from the moment on which its key is there.
    model.online.add(agent);
    await attemptFor(model, agent, () => system.within(agent, (node) => node.goOnline(agent)));
  }

  toString(): string {
    return `signIn(${this.agent})`;
  }
}

export class SignOut implements Act {
  constructor(private readonly agent: number) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    const agent = agentAt(model, this.agent);
    await attemptFor(model, agent, () => system.within(agent, (node) => node.goOffline(agent)));
    model.online.delete(agent);
  }

  toString(): string {
    return `signOut(${this.agent})`;
  }
}

/** Takes everything that is due, as a worker does, one step after another. */
export class Drain implements Act {
  async perform(model: Model, system: ModelledSystem): Promise<void> {
    for (const resident of system.residents) await this.drain(model, system, resident);
  }

  private async drain(model: Model, system: ModelledSystem, resident: AgentPubKey): Promise<void> {
    if (!system.isUp(resident)) return;
    for (const work of await this.claim(model, system, resident)) {
      const { message: id, step } = work.outboxKey;
      const message = model.messages.find((one) => one.id === id);
      requireThat(message !== undefined, () => `${id} is pending, and nobody sent it`);
      requireThat(step !== 'pin', () => `a pin of ${id} is pending, and nobody made one`);
      await tryStep({ model, system, message }, step, (node) => node.attempts.make(work));
    }
  }

  toString(): string {
    return 'drain';
  }

  private async claim(
    model: Model,
    system: ModelledSystem,
    resident: AgentPubKey,
  ): Promise<readonly OutboxEntry[]> {
    const claimed = await attemptFor(model, resident, () =>
      system.within(resident, ({ keyring, outbox }) =>
        outbox.claim({ holders: keyring.online(), busyLanes: [], limit: 100 }),
      ),
    );
    return claimed ?? [];
  }
}

export class Advance implements Act {
  constructor(private readonly seconds: number) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    await system.advance(this.seconds);
    model.passTime(this.seconds);
    if (this.seconds * 1000 >= MAILBOX_POLL_MS && model.isCalm) model.hasMissedPushes = false;
  }

  toString(): string {
    return `advance(${this.seconds} s)`;
  }
}

/** Time goes by, and a worker takes up what has become due. */
export class Later implements Act {
  constructor(private readonly seconds: number) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    await new Advance(this.seconds).perform(model, system);
    await calmDown(model, system);
    await new Drain().perform(model, system);
  }

  toString(): string {
    return `later(${this.seconds} s)`;
  }
}

/** Time goes by for longer than a minute, and a worker takes up what becomes due again and again. */
export class Persevere implements Act {
  async perform(model: Model, system: ModelledSystem): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) await new Later(PAUSE_S).perform(model, system);
  }

  toString(): string {
    return `persevere(${ROUNDS} × ${PAUSE_S} s)`;
  }
}

/** The process is killed, and some agents sign in with the next one. */
export class Crash implements Act {
  constructor(private readonly back: readonly number[]) {}

  perform(model: Model, system: LoneNode): Promise<void> {
    system.die();
    // The next node looks around when it starts.
    model.hasMissedPushes = false;
    model.online.clear();
    for (const agent of this.back) model.online.add(agentAt(model, agent));
    return Promise.resolve();
  }

  toString(): string {
    return `crash(back: ${this.back.join(', ')})`;
  }
}

/** A rule that names an agent by any number. */
export type NetworkRule = Omit<NetworkFaultRule, 'to'> & { readonly to: number | undefined };
export type CommitRule = Omit<CommitFaultRule, 'agent'> & { readonly agent: number | undefined };

/** What the network does from now on. */
export class DisturbNetwork implements Act {
  constructor(private readonly rules: readonly NetworkRule[]) {}

  perform(model: Model, system: ModelledSystem): Promise<void> {
    model.network = this.rules.map(({ to, ...rule }) => ({
      ...rule,
      to: to === undefined ? undefined : agentAt(model, to),
    }));
    system.faults.set(model.network);
    return Promise.resolve();
  }

  toString(): string {
    return `network(${JSON.stringify(this.rules)})`;
  }
}

/** What commits do from now on. */
export class DisturbCommits implements Act {
  constructor(private readonly rules: readonly CommitRule[]) {}

  perform(model: Model, system: ModelledSystem): Promise<void> {
    model.commits = this.rules.map(({ agent, ...rule }) => ({
      ...rule,
      agent: agent === undefined ? undefined : agentAt(model, agent),
    }));
    system.commitFaults.set(model.commits);
    return Promise.resolve();
  }

  toString(): string {
    return `commits(${JSON.stringify(this.rules)})`;
  }
}

/** Several acts at once. */
export class AtOnce implements Act {
  constructor(private readonly acts: readonly Act[]) {}

  async perform(model: Model, system: ModelledSystem): Promise<void> {
    model.isAlone = false;
    const ended = await Promise.allSettled(this.acts.map((act) => act.perform(model, system)));
    model.isAlone = true;
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }

  toString(): string {
    return `atOnce(${this.acts.map(String).join(', ')})`;
  }
}
