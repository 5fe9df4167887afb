import { type AgentPubKey } from '@musubi/messaging';
import { untilEqual } from '../support/until.js';
import { type Sent } from './sent.js';
import { waitingSessions } from './stored.js';
import { type Testbed } from './testbed.js';

interface HeadMoves<Result> {
  /** What the work came to. */
  readonly worked: PromiseSettledResult<Result>;
  /** What the second writer saved. */
  readonly second: Sent;
}

/**
 * Moves the head of an agent's chain to a peer while work is under way: a second process holds the head, its write not
 * committed yet, until the work waits for it. Then the head is another than the work has read.
 */
export async function whileHeadMoves<Result>(
  testbed: Testbed,
  [agent, peer]: readonly [AgentPubKey, AgentPubKey],
  work: () => Promise<Result>,
): Promise<HeadMoves<Result>> {
  const node = await testbed.openBeside({}, testbed.home(agent));
  await node.signIn(agent);
  const [holdsHead, isHolding] = signal();
  const [mayCommit, letCommit] = signal();
  node.commits.atCommit = async () => {
    isHolding();
    await mayCommit;
  };
  const writing = testbed.save(agent, peer, node);
  await holdsHead;
  const working = Promise.allSettled([work()]);
  await untilEqual(true, async () => (await waitingSessions({ database: testbed.databaseOf(agent) })) > 0);
  letCommit();
  const second = await writing;
  const [worked] = await working;
  return { worked, second };
}

function signal(): readonly [Promise<void>, () => void] {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
