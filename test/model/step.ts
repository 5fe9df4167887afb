import { type AsyncCommand } from 'fast-check';
import { type Act } from './acts/act.js';
import { calmDown } from './acts/on-node.js';
import { type ChainJudge } from './chain-invariants.js';
import { judgeMessages } from './invariants.js';
import { type Model } from './model.js';
import { type ModelledSystem } from './modelled-system.js';

/** The system and its judge. */
export interface Trial {
  readonly system: ModelledSystem;
  readonly chains: ChainJudge;
}

/** One act, then a judgement of everything that is stored. */
export class Step implements AsyncCommand<Model, Trial> {
  constructor(private readonly act: Act) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, trial: Trial): Promise<void> {
    await this.act.perform(model, trial.system);
    await judge(model, trial);
  }

  toString(): string {
    return this.act.toString();
  }
}

/** Waits until nothing goes on by itself, and judges. */
export async function judge(model: Model, { system, chains }: Trial): Promise<void> {
  await calmDown(model, system);
  // Two who sign one agent in and out at once leave it either way.
  model.online.clear();
  for (const agent of system.online()) model.online.add(agent);
  const seen = await system.observe();
  judgeMessages(model, system, seen);
  chains.judge(seen, model.agents);
}
