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
    commits.atCommit = () => Promise.resolve();
    commitFaults.set([]);
    faults.set([]);
    signals.areLost = false;
  }
  // Whoever comes back reads what was missed.
  for (const agent of world.agents) {
    await world.goOffline(agent);
    await world.goOnline(agent);
  }
  const ends = await world.passTime(() => endsOf(world));
  await world.passTime(async () => {
    expect(await owedSteps(world)).toBe(0);
  });

  for (const [sent, end] of ends) await expectOnceOnEachSide(world, sent, end);
  for (const agent of world.agents) await expectNothingElse(world, agent);
  expect(await world.phantoms.found()).toEqual([]);
  expect(await brokenActions(world)).toBe(0);
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
    if ((await world.owed(sent))?.isFailed === true) return 'failed';
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

async function expectOnceOnEachSide(world: World, sent: Sent, end: End): Promise<void> {
  const { message, author, recipient } = sent;
  const count = async (holder: AgentPubKey): Promise<number> =>
    (await listed(world, holder)).filter((one) => one === message).length;

  expect(end === 'unsaved' && world.saved.has(message)).toBe(false);
  expect([end, await count(author)]).toEqual([end, end === 'deleted' || end === 'unsaved' ? 0 : 1]);
  expect(AT_THE_RECIPIENT[end]).toContain(await count(recipient));
}

async function expectNothingElse(world: World, agent: AgentPubKey): Promise<void> {
  const known = new Set<string>(world.sent.map(({ message }) => message));

  expect((await listed(world, agent)).filter((message) => !known.has(message))).toEqual([]);
}

async function listed(world: World, holder: AgentPubKey): Promise<readonly string[]> {
  const { items } = await world.at(holder).messages.list(holder, { anchor: { at: 'latest' }, limit: 200 });
  return items.map(({ message }) => message.id);
}
