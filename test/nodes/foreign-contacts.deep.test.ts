import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, type MessageJson } from '../../apps/api/test/support/client.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';

const PATIENTLY = { headers: { prefer: 'wait=30' } } as const;

let here: LinkedNode;
let there: LinkedNode;

beforeAll(async () => {
  [here, there] = await Promise.all([
    LinkedNode.start(),
    LinkedNode.start({ FOREIGN_CONTACTS_PER_DAY: '2', CLONE_LIMIT: '100' }),
  ]);
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

const messageOf = ({ token }: Agent, { strategy, id }: MessageJson): Promise<MessageJson> =>
  here.client.get('message', `/v1/strategies/${strategy}/messages/${id}`, { token });

async function countAt(path: string, { token }: Agent): Promise<number> {
  const answer = await there.client.request(path, { token });
  return ((await answer.json()) as { readonly items: readonly unknown[] }).items.length;
}

async function startThereAgain(bob: Agent): Promise<void> {
  const place = ((await there.about(bob)).addresses[0] ?? '').replace('tcp://', '');
  await there.end('SIGTERM');
  await there.startAgain(place);
}

describe.each(['source-chain', 'pairwise-dht'] as const)('agents of another node on %s', (strategy) => {
  it('begin a bounded number of conversations a day; one more waits, and arrives later, once', async () => {
    const bob = await there.client.newAgent('bob');
    const card = await there.cardOf(bob);
    const strangers: Agent[] = [];
    for (const name of ['one', 'two', 'three']) {
      const stranger = await here.client.newAgent(name);
      expect(await here.take(stranger, bob.agent, card)).toEqual([200, '']);
      strangers.push(stranger);
    }
    const [one = bob, two = bob, three = bob] = strangers;
    for (const stranger of [one, two])
      expect((await here.client.send(strategy, stranger, bob, PATIENTLY)).status).toBe('delivered');

    const refused = await here.client.send(strategy, three, bob);
    await untilEqual('remote-call-refused/too-many-contacts', async () => {
      return (await messageOf(three, refused)).delivery?.lastError;
    });
    expect((await messageOf(three, refused)).status).toBe('saved');
    expect(await countAt(`/v1/strategies/${strategy}/conversations`, bob)).toBe(2);
    if (strategy === 'pairwise-dht') expect(await countAt('/v1/clones', bob)).toBe(2);
    expect((await here.client.send(strategy, one, bob, PATIENTLY)).status).toBe('delivered');
    expect((await there.client.send(strategy, bob, two, PATIENTLY)).status).toBe('delivered');

    // What a node has counted ends with it.
    await startThereAgain(bob);
    await untilEqual('delivered', async () => (await messageOf(three, refused)).status);
    expect(await countAt(`/v1/strategies/${strategy}/messages?with=${three.agent}`, bob)).toBe(1);
  });
});
