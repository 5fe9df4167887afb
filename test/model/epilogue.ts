import { MESSAGE_STEPS } from '@musubi/cell';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { DisturbCommits, DisturbNetwork, Later, SignIn } from './acts/on-node.js';
import { requireThat, owedOf, sidesOf } from './invariants.js';
import { type Model, type ModelMessage } from './model.js';
import { type Observation } from './observation.js';
import { type ModelledSystem } from './modelled-system.js';
import { type Trial, judge } from './step.js';

/** Faults end, the clock is right, everybody comes back, and enough time goes by: then everything has to have arrived. */
export async function bringToRest(model: Model, trial: Trial): Promise<void> {
  const { system } = trial;
  model.passTime(await system.heal());
  await new DisturbNetwork([]).perform(model, system);
  await new DisturbCommits([]).perform(model, system);
  for (const agent of model.agents.keys()) await new SignIn(agent).perform(model, system);
  for (const seconds of system.waitsS) await new Later(seconds).perform(model, system);
  await judge(model, trial);
  const seen = await system.observe();
  for (const message of model.messages) judgeArrival(message, system, seen);
  requireThat(
    [...seen.outbox.values()].every(({ isFailed }) => isFailed),
    () => 'something is still pending',
  );
  for (const agent of model.agents) await judgeReading(agent, system, seen);
}

/** A message that an author has and has not deleted is delivered, or was given up before everybody's eyes. */
function judgeArrival(message: ModelMessage, { keys }: ModelledSystem, seen: Observation): void {
  const held = seen.holdings.filter((holding) => holding.message.id === message.id);
  const { atAuthor, atRecipient } = sidesOf(message, held);
  if (atAuthor === undefined) return;
  const debts = { outbox: seen.outbox, keys };
  const isGivenUp = MESSAGE_STEPS.some((step) => owedOf(message, step, debts)?.isFailed === true);
  if (isGivenUp) return;
  requireThat(
    atAuthor.isDeleted || atAuthor.status !== 'saved',
    () => `${message.id} has not arrived, and was not given up`,
  );
  if (atRecipient === undefined || atAuthor.isDeleted) return;
  requireThat(
    atAuthor.status === atRecipient.status,
    () => `the author of ${message.id} has not heard of its reading`,
  );
}

/** What an agent is shown is what it holds, less what it deleted. */
async function judgeReading(agent: AgentPubKey, system: ModelledSystem, seen: Observation): Promise<void> {
  for (const strategy of STRATEGY_NAMES) {
    const page = await system.within(agent, ({ strategies }) =>
      strategies[strategy].messages.list(agent, { anchor: { at: 'latest' }, limit: 200 }),
    );
    const shown = page.items.map(({ message, status }) => `${message.id} ${status}`).sort();
    const held = seen.holdings
      .filter((one) => one.strategy === strategy && one.holder === agent && !one.isDeleted)
      .map(({ message, status }) => `${message.id} ${status}`)
      .sort();
    requireThat(shown.join() === held.join(), () => `${agent} is shown other messages than it holds`);
  }
}
