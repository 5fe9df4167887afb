import { OUTBOX_STEPS } from '@musubi/cell';
import { type AgentPubKey, STRATEGY_NAMES } from '@musubi/messaging';
import { DisturbCommits, DisturbNetwork, Later, SignIn } from './acts/on-node.js';
import { requireThat, owedOf, sidesOf } from './invariants.js';
import { type Model, type ModelMessage } from './model.js';
import { type Observation, observe } from './observation.js';
import { type PostalSystem } from './postal-system.js';
import { type Trial, judge } from './step.js';

/**
 * A minute. Every wait that a right clock set is over after 20 s and one that a wrong clock set after 30; a mailbox is
 * read again every 15 s. What is pending leads to at most two more: a letter, its receipt, the receipt of its reading.
 */
const WAITS_S = [5, 15, 15, 25] as const;

/** Faults end, the clock is right, everybody comes back, and a minute goes by: then everything has to have arrived. */
export async function bringToRest(model: Model, trial: Trial): Promise<void> {
  const { system } = trial;
  model.passTime(system.setClock(0));
  await new DisturbNetwork([]).perform(model, system);
  await new DisturbCommits([]).perform(model, system);
  for (const agent of model.agents.keys()) await new SignIn(agent).perform(model, system);
  for (const seconds of WAITS_S) await new Later(seconds).perform(model, system);
  await judge(model, trial);
  const seen = await observe(system.premises.database.dataSource, system.keys);
  for (const message of model.messages) judgeArrival(message, system, seen);
  requireThat(
    [...seen.outbox.values()].every(({ isFailed }) => isFailed),
    () => 'something is still pending',
  );
  for (const agent of model.agents) await judgeReading(agent, system, seen);
}

/** A message that an author has and has not deleted is delivered, or was given up before everybody's eyes. */
function judgeArrival(message: ModelMessage, { keys }: PostalSystem, seen: Observation): void {
  const held = seen.holdings.filter((holding) => holding.message.id === message.id);
  const { atAuthor, atRecipient } = sidesOf(message, held);
  if (atAuthor === undefined) return;
  const debts = { outbox: seen.outbox, keys };
  const isGivenUp = OUTBOX_STEPS.some((step) => owedOf(message, step, debts)?.isFailed === true);
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
    requireThat(shown.join() === held.join(), () => `${agent} is shown other messages than it holds`);
  }
}
