import { expect } from '@jest/globals';
import { type Copy, type SentMessage, auditMessages, chainFaults, copyOf, heldBy } from '@musubi/audit';
import { authenticOnce, readChains, viewOfChain } from '@musubi/cell';
import { MessageDeletedError, MessageNotFoundError } from '@musubi/messaging';
import { verifyReceipt } from '@musubi/receipts';
import { type Sent } from './sent.js';
import { owedSteps } from './stored.js';
import { type Testbed } from './testbed.js';

/** How an act of sending can end, as its author sees it. `unsaved`: nobody ever answered that it was. */
type End = 'delivered' | 'read' | 'failed' | 'deleted' | 'unsaved';

/**
 * What must hold after every fault: once faults stop, everybody is back and time passes, each message is delivered,
 * read, failed or deleted; it is there once on each side; nobody was shown a receipt of what the recipient did not hold;
 * nobody holds what nobody sent; and no chain has a fork or a gap.
 */
export async function expectAllIsWell(testbed: Testbed): Promise<void> {
  for (const { commits, commitFaults, faults, signals } of testbed.nodes) {
    commits.atCommit = undefined;
    commitFaults.set([]);
    faults.set([]);
    signals.areLost = false;
  }
  // Agents who come back read what they missed.
  for (const agent of testbed.agents) {
    await testbed.goOffline(agent);
    await testbed.goOnline(agent);
  }
  const ends = await testbed.passTime(() => endsOf(testbed));
  await testbed.passTime(async () => {
    for (const database of testbed.ground.databases)
      expect(await owedSteps({ agents: testbed.agents, database })).toBe(0);
  });

  expect(await wrongs(testbed, ends)).toEqual([]);
}

/** The database outlives many worlds, and each closing check reads all of it. */
const isAuthentic = authenticOnce();

/** Everything that must not be, in words. */
async function wrongs(testbed: Testbed, ends: ReadonlyMap<Sent, End>): Promise<readonly string[]> {
  const copies = await copiesIn(testbed);
  const { faults } = auditMessages(
    [...ends].map(([sent, end]) => asTold(testbed, sent, end)),
    copies,
  );
  const givenUp = new Set([...ends].filter(([, end]) => isGivenUp(end)).map(([{ message }]) => message));
  const read = testbed.ground.databases.map(({ dataSource }) => readChains(dataSource));
  const chains = (await Promise.all(read)).flat();
  return [
    ...faults
      // An author who gave a message up need not know that it arrived all the same.
      .filter(({ kind, id }) => kind !== 'orphan' || !givenUp.has(id))
      .map(({ witness }) => witness),
    ...[...ends].flatMap(([sent, end]) => misplaced(sent, end, copies)),
    ...(await testbed.phantoms.found()).map((message) => `${message} was a phantom for a while`),
    ...chains.flatMap((chain) => chainFaults(viewOfChain(chain, isAuthentic))),
  ];
}

const isGivenUp = (end: End): end is 'failed' | 'deleted' => end === 'failed' || end === 'deleted';

function asTold(testbed: Testbed, { message, author, recipient }: Sent, end: End): SentMessage {
  const told = { id: message, author, recipient, isAcknowledged: testbed.saved.has(message) };
  return isGivenUp(end) ? { ...told, end } : told;
}

async function copiesIn(testbed: Testbed): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  for (const agent of testbed.agents) {
    const held = await heldBy(testbed.at(agent).messages, agent);
    copies.push(...held.map((message) => copyOf(agent, message, verifyReceipt)));
  }
  return copies;
}

/** What an author can find, it lists; what it deleted or never saved, it does not list. */
function misplaced({ message, author }: Sent, end: End, copies: readonly Copy[]): readonly string[] {
  const isListed = copies.some(({ id, holder }) => id === message && holder === author);
  return isListed === isFound(end)
    ? []
    : [`${message} is ${end}, and ${isListed ? '' : 'not '}listed by its author`];
}

const isFound = (end: End): boolean => end !== 'deleted' && end !== 'unsaved';

/** @throws Error while one of them is still on its way */
async function endsOf(testbed: Testbed): Promise<ReadonlyMap<Sent, End>> {
  const ends = new Map<Sent, End>();
  for (const sent of testbed.sent) ends.set(sent, await endOf(testbed, sent));
  return ends;
}

async function endOf(testbed: Testbed, sent: Sent): Promise<End> {
  try {
    const { status } = await testbed.find(sent);
    if (status !== 'saved') return status;
    if ((await testbed.outboxKey(sent))?.isFailed === true) return 'failed';
    throw new Error('still on its way');
  } catch (error) {
    if (error instanceof MessageDeletedError) return 'deleted';
    if (error instanceof MessageNotFoundError) return 'unsaved';
    throw error;
  }
}
