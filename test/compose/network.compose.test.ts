import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StrategyName } from '@musubi/messaging';
import { type Agent, Client } from '../../apps/api/test/support/client.js';
import { Load, expectAllOnce, gather } from '../crash/load.js';
import { until } from '../support/until.js';
import { composeBy, up } from './stack.js';

const NODES = ['node-1', 'node-2', 'node-3'] as const;
type NodeName = (typeof NODES)[number];

/** Those that reach agents of other nodes. */
const BETWEEN_NODES: readonly StrategyName[] = ['source-chain', 'pairwise-dht'];
const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;
const LOAD_MS = 2000;

const compose = composeBy('COMPOSE_NETWORK');

/** Where the node's API answers: at another port after each start. */
const clientOf = async (node: NodeName): Promise<Client> =>
  new Client(`http://${await compose('port', node, '3000')}`);

/** The holder takes the agent's card, and may write to it from then on. */
async function acquaint(holderAt: Client, holder: Agent, agentAt: Client, agent: Agent): Promise<void> {
  const card = await agentAt.request(`/v1/agents/${agent.agent}/card`, { token: agent.token });
  const body = { card: (await card.text()).trim() };
  const path = `/v1/contacts/${agent.agent}`;
  const answer = await holderAt.request(path, { token: holder.token, method: 'PUT', body });
  expect(answer.status).toBe(200);
}

describe('the Compose stack of three nodes', () => {
  let alice: Agent;
  let bob: Agent;

  beforeAll(async () => {
    await up(compose);
    const [first, second] = [await clientOf('node-1'), await clientOf('node-2')];
    alice = await first.newAgent('alice');
    bob = await second.newAgent('bob');
    await acquaint(first, alice, second, bob);
    await acquaint(second, bob, first, alice);
  });
  afterAll(() => compose('down'));

  it.each(NODES)('links %s to the two others', async (node) => {
    const client = await clientOf(node);
    const { token } = await client.newAgent('watcher');

    await until(async () => {
      const about = await client.request('/v1/node', { token });
      expect(await about.json()).toMatchObject({
        addresses: [`tcp://${node}:4040`],
        peers: { linked: 2, failing: 0 },
      });
    });
  });

  it('keeps the database of a node from the others', async () => {
    const reach = (database: string): Promise<string> =>
      compose('exec', '-T', 'node-1', 'timeout', '5', 'bash', '-c', `exec 3<>/dev/tcp/${database}/5432`);

    expect(await reach('postgres-1')).toBe('');
    await expect(reach('postgres-2')).rejects.toThrow();
  });

  it.each(BETWEEN_NODES)('delivers a message each way on %s', async (strategy) => {
    const [first, second] = [await clientOf('node-1'), await clientOf('node-2')];

    expect((await first.send(strategy, alice, bob, PATIENTLY)).status).toBe('delivered');
    expect((await second.send(strategy, bob, alice, PATIENTLY)).status).toBe('delivered');
  });

  it.each(['node-1', 'node-2'] as const)(
    'loses nothing when %s is killed under load from the first node to the second',
    async (killed) => {
      const [first, second] = [await clientOf('node-1'), await clientOf('node-2')];
      const { senders } = await gather(first);
      const carol = await second.newAgent('carol');
      for (const sender of senders) await acquaint(first, sender, second, carol);
      const correspondents = { senders, bob: carol };
      const load = new Load(correspondents, 'respond-async', BETWEEN_NODES);
      load.start(first.url);
      await sleep(LOAD_MS);
      await compose('kill', killed);
      const before = load.acknowledged.length;
      await sleep(LOAD_MS);
      await compose('start', killed);
      await load.stop();

      expect(before).toBeGreaterThan(senders.length);
      // Senders go on while the recipient's node is away.
      if (killed === 'node-2') expect(load.acknowledged.length).toBeGreaterThan(before);
      await until(async () => {
        const [home, bobAt] = [await clientOf('node-1'), await clientOf('node-2')];
        const options = { bobAt, strategies: BETWEEN_NODES };
        await expectAllOnce(home, correspondents, load.acknowledged, options);
      });
    },
  );

  it('has every message again after down and up, and delivers the next ones', async () => {
    const first = await clientOf('node-1');
    const marks = (): Promise<string> => compose('exec', '-T', 'node-1', 'ls', '/var/lib/musubi/marks');
    const marksBefore = await marks();
    const sent = await Promise.all(
      BETWEEN_NODES.map((strategy) => first.send(strategy, alice, bob, { ...PATIENTLY, text: 'before' })),
    );
    expect(sent.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    await compose('down');
    await up(compose);

    expect(marksBefore).not.toBe('');
    expect(await marks()).toBe(marksBefore);
    const [home, away] = [await clientOf('node-1'), await clientOf('node-2')];
    for (const [index, strategy] of BETWEEN_NODES.entries()) {
      const path = `/v1/strategies/${strategy}/messages`;
      for (const [client, { token }] of [
        [home, alice],
        [away, bob],
      ] as const) {
        const { items } = await client.get('messages', path, { token });
        expect(items.map(({ id, status }) => [id, status])).toContainEqual([sent[index]?.id, 'delivered']);
      }
      expect((await away.send(strategy, bob, alice, PATIENTLY)).status).toBe('delivered');
    }
  });
});
