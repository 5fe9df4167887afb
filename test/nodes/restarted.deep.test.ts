import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { slowness } from '../support/slowness.js';
import { until, untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';

/** From the start of a node to the arrival of a message, on a machine without other work. */
const AFTER_RESTART_MS = 2000;
/** Waits are then some seconds: what leaves at once was not waited for by luck. */
const ATTEMPTS_IN_VAIN = 3;
const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;

interface Party {
  readonly node: LinkedNode;
  readonly agent: Agent;
}

let alice: Party;
let bob: Party;

async function partyCalled(nickname: string): Promise<Party> {
  const node = await LinkedNode.start();
  return { node, agent: await node.client.newAgent(nickname) };
}

beforeAll(async () => {
  [alice, bob] = await Promise.all([partyCalled('alice'), partyCalled('bob')]);
  await alice.node.take(alice.agent, bob.agent.agent, await bob.node.cardOf(bob.agent));
  await bob.node.take(bob.agent, alice.agent.agent, await alice.node.cardOf(alice.agent));
});

afterAll(async () => {
  await Promise.all([alice.node.close(), bob.node.close()]);
});

const listenAt = async ({ node, agent }: Party): Promise<string> =>
  ((await node.about(agent)).addresses[0] ?? '').replace('tcp://', '');

function messageOf({ node, agent: { token } }: Party, { strategy, id }: MessageJson): Promise<MessageJson> {
  return node.client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });
}

/** Saves a message on each placement, to somebody who is away, and lets some attempts fail. */
async function sendInVain(from: Party, to: Party): Promise<readonly MessageJson[]> {
  const headers = { prefer: 'respond-async' };
  const sent = await Promise.all(
    PLACEMENTS.map((strategy) => from.node.client.send(strategy, from.agent, to.agent, { headers })),
  );
  for (const message of sent) {
    await until(async () => {
      const { delivery } = await messageOf(from, message);
      expect(delivery?.attempt).toBeGreaterThanOrEqual(ATTEMPTS_IN_VAIN);
    });
  }
  return sent;
}

/** How long it takes until all of these are delivered, and as many new ones, in milliseconds of a machine without other work. */
async function msUntilArrived(from: Party, to: Party, sent: readonly MessageJson[]): Promise<number> {
  const before = slowness();
  const begun = performance.now();
  const headers = { prefer: 'respond-async' };
  const next = await Promise.all(
    PLACEMENTS.map((strategy) => from.node.client.send(strategy, from.agent, to.agent, { headers })),
  );
  await Promise.all([...sent, ...next].map((message) => untilDelivered(from, message)));
  return (performance.now() - begun) / Math.max(before, slowness());
}

const untilDelivered = (author: Party, message: MessageJson): Promise<unknown> =>
  untilEqual('delivered', async () => (await messageOf(author, message)).status);

describe.each(['SIGTERM', 'SIGKILL'] as const)('after a node was ended by %s and started again', (signal) => {
  it('what waited for its agents arrives within 2 s', async () => {
    const place = await listenAt(bob);
    await bob.node.end(signal);
    const sent = await sendInVain(alice, bob);

    await bob.node.startAgain(place);

    expect(await msUntilArrived(alice, bob, sent)).toBeLessThan(AFTER_RESTART_MS);
  });

  it('what its agents sent before arrives within 2 s, and what they send next', async () => {
    const places = [await listenAt(alice), await listenAt(bob)] as const;
    await bob.node.end(signal);
    const sent = await sendInVain(alice, bob);
    await alice.node.end(signal);
    await bob.node.startAgain(places[1]);

    await alice.node.startAgain(places[0]);

    expect(await msUntilArrived(alice, bob, sent)).toBeLessThan(AFTER_RESTART_MS);
  });
});
