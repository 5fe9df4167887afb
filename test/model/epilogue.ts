import { OWED_STEPS } from '@musubi/cell';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { DisturbCommits, DisturbNetwork, Later, SignIn } from './acts/on-node.js';
import { demand, owedOf, sidesOf } from './invariants.js';
import { type Model, type ModelMessage } from './model.js';
import { type Observation, observe } from './observation.js';
import { type PostalSystem } from './postal-system.js';
import { type Trial, judge } from './step.js';

/** A mailbox that was given up is read again by the next poll, and every lease and every wait is over. */
const LONG_ENOUGH_S = 700;
/** What is owed leads to at most two more: a letter, its receipt, the receipt of its reading. */
const ROUNDS = 4;

/** Faults end, everybody comes back, and time goes by: then everything has to have arrived. */
export async function bringToRest(model: Model, trial: Trial): Promise<void> {
  const { system } = trial;
  await new DisturbNetwork([]).perform(model, system);
  await new DisturbCommits([]).perform(model, system);
  for (const agent of model.agents.keys()) await new SignIn(agent).perform(model, system);
  for (let round = 0; round < ROUNDS; round += 1) {
    await new Later(LONG_ENOUGH_S).perform(model, system);
  }
  await judge(model, trial);
  const seen = await observe(system.premises.database.dataSource, system.keys);
  for (const message of model.messages) judgeArrival(message, system, seen);
  demand(
    [...seen.outbox.values()].every(({ isFailed }) => isFailed),
    () => 'something is still owed',
  );
  for (const agent of model.agents) await judgeReading(agent, system, seen);
}

/** A message that an author has and has not deleted is delivered, or was given up before everybody's eyes. */
function judgeArrival(message: ModelMessage, { keys }: PostalSystem, seen: Observation): void {
  const held = seen.holdings.filter((holding) => holding.message.id === message.id);
  const { atAuthor, atRecipient } = sidesOf(message, held);
  if (atAuthor === undefined) return;
  const debts = { outbox: seen.outbox, keys };
  const isGivenUp = OWED_STEPS.some((step) => owedOf(message, step, debts)?.isFailed === true);
  if (isGivenUp) return;
  demand(
    atAuthor.isDeleted || atAuthor.status !== 'saved',
    () => `${message.id} has not arrived, and was not given up`,
  );
  if (atRecipient === undefined || atAuthor.isDeleted) return;
  demand(
    atAuthor.status === atRecipient.status,
    () => `the author of ${message.id} has not heard of its reading`,
  );
}

/** What an agent is shown is what it holds, less what it deleted. */
async function judgeReading(agent: AgentPubKey, { node }: PostalSystem, seen: Observation): Promise<void> {
  for (const strategy of STRATEGY_NAMES) {
    const page = await node.strategies[strategy].messages.list(agent, {
      anchor: { at: 'latest' },
      limit: 200,
    });
    const shown = page.items.map(({ message, status }) => `${message.id} ${status}`).sort();
    const held = seen.holdings
      .filter((one) => one.strategy === strategy && one.holder === agent && !one.isDeleted)
      .map(({ message, status }) => `${message.id} ${status}`)
      .sort();
    demand(shown.join() === held.join(), () => `${agent} is shown other messages than it holds`);
  }
}
