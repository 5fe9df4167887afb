import { expect } from '@jest/globals';
import { type AgentPubKey, MessageDeletedError, MessageNotFoundError } from '@musubi/messaging';
import { type Sent } from './sent.js';
import { brokenActions, owedSteps } from './stored.js';
import { type World } from './world.js';

/** How an act of sending can end, as its author sees it. `unsaved`: nobody ever answered that it was. */
type End = 'delivered' | 'read' | 'failed' | 'deleted' | 'unsaved';

/**
 * What must hold after every fault: once faults stop, everybody is back and time passes, each message is delivered,
 * read, failed or deleted; it is there once on each side; nobody was shown a receipt of what the recipient did not hold;
 * nobody holds what nobody sent; and no chain has a fork or a gap.
 */
export async function expectAllIsWell(world: World): Promise<void> {
  for (const { commits, commitFaults, faults, signals } of world.nodes) {
    commits.atCommit = undefined;
    commitFaults.set([]);
    faults.set([]);
    signals.areLost = false;
  }
  // Agents who come back read what they missed.
  for (const agent of world.agents) {
    await world.goOffline(agent);
    await world.goOnline(agent);
  }
  const ends = await world.passTime(() => endsOf(world));
  await world.passTime(async () => {
    expect(await owedSteps(world)).toBe(0);
  });

  expect(await wrongs(world, ends)).toEqual([]);
}

/** Everything that must not be, in words. */
async function wrongs(world: World, ends: ReadonlyMap<Sent, End>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [sent, end] of ends) found.push(...(await wrongsOf(world, sent, end)));
  for (const agent of world.agents) found.push(...(await unknownTo(world, agent)));
  for (const message of await world.phantoms.found()) found.push(`${message} was a phantom for a while`);
  const broken = await brokenActions(world);
  return broken === 0 ? found : [...found, `${broken} actions do not continue their chain`];
}

/** @throws Error while one of them is still on its way */
async function endsOf(world: World): Promise<ReadonlyMap<Sent, End>> {
  const ends = new Map<Sent, End>();
  for (const sent of world.sent) ends.set(sent, await endOf(world, sent));
  return ends;
}

async function endOf(world: World, sent: Sent): Promise<End> {
  try {
    const { status } = await world.find(sent);
    if (status !== 'saved') return status;
    if ((await world.outboxKey(sent))?.isFailed === true) return 'failed';
    throw new Error('still on its way');
  } catch (error) {
    if (error instanceof MessageDeletedError) return 'deleted';
    if (error instanceof MessageNotFoundError) return 'unsaved';
    throw error;
  }
}

/** Where the recipient must have it, where it must not, and where either may be. */
const AT_THE_RECIPIENT: Readonly<Record<End, readonly number[]>> = {
  delivered: [1],
  read: [1],
  failed: [0, 1],
  deleted: [0, 1],
  unsaved: [0],
};

async function wrongsOf(world: World, sent: Sent, end: End): Promise<readonly string[]> {
  const { message, author, recipient } = sent;
  const here = await countOf(world, author, sent);
  const there = await countOf(world, recipient, sent);
  const isLost = end === 'unsaved' && world.saved.has(message);
  return [
    ...(isLost ? [`${message} was saved and is lost`] : []),
    ...(here === (isShown(end) ? 1 : 0) ? [] : [`${message} is ${end}, and ${here} times at its author`]),
    ...(AT_THE_RECIPIENT[end].includes(there)
      ? []
      : [`${message} is ${end}, and ${there} times at its recipient`]),
  ];
}

function isShown(end: End): boolean {
  return end !== 'deleted' && end !== 'unsaved';
}

async function countOf(world: World, holder: AgentPubKey, { message }: Sent): Promise<number> {
  return (await listed(world, holder)).filter((one) => one === message).length;
}

async function unknownTo(world: World, agent: AgentPubKey): Promise<readonly string[]> {
  const known = new Set<string>(world.sent.map(({ message }) => message));
  const unknown = (await listed(world, agent)).filter((message) => !known.has(message));
  return unknown.map((message) => `${message} was sent by nobody`);
}

async function listed(world: World, holder: AgentPubKey): Promise<readonly string[]> {
  const { items } = await world.at(holder).messages.list(holder, { anchor: { at: 'latest' }, limit: 200 });
  return items.map(({ message }) => message.id);
}
