import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent } from '../../apps/api/test/support/client.js';
import { FileClient, bytesOf as contentIn } from '../../apps/api/test/support/file-client.js';
import { untilEqual } from '../support/until.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, bytesOf, exportOf, importTo } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
const PINS = 3;
/** Two chunks. */
const SIZE = 300_000;
const SETTINGS = { whoMayWrite: 'contacts', readReceipts: false };

let from: LinkedNode;
let to: LinkedNode;
let elsewhere: LinkedNode;
let alice: Agent;
let bob: Agent;
let blocked: Agent;

beforeAll(async () => {
  [from, to, elsewhere] = await Promise.all([LinkedNode.start(), LinkedNode.start(), LinkedNode.start()]);
  alice = await from.client.newAgent('alice', PASSPHRASE);
  bob = await elsewhere.client.newAgent('bob');
  blocked = await elsewhere.client.newAgent('blocked');
  await from.take(alice, bob.agent, await elsewhere.cardOf(bob));
  await elsewhere.take(bob, alice.agent, await from.cardOf(alice));
  await elsewhere.take(blocked, alice.agent, await from.cardOf(alice));
});

afterAll(async () => {
  await Promise.all([from.close(), to.close(), elsewhere.close()]);
});

async function put(node: LinkedNode, { token }: Agent, path: string, body?: object): Promise<void> {
  const options = { token, method: 'PUT', ...(body === undefined ? {} : { body }) };
  const answer = await node.client.request(path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

async function read({ client }: LinkedNode, { token }: Agent, path: string): Promise<unknown> {
  return (await client.request(path, { token })).json();
}

const pinPath = (strategy: string, id: string): string => `/v1/strategies/${strategy}/messages/${id}/pin`;

/** As the list of pins shows them. */
async function pinsOf({ client }: LinkedNode, { token }: Agent, peer: Agent): Promise<readonly string[]> {
  const lists = PLACEMENTS.map((strategy) =>
    client.get('messages', `/v1/strategies/${strategy}/pins?with=${peer.agent}`, { token }),
  );
  return (await Promise.all(lists)).flatMap(({ items }) => items.map(({ id }) => id));
}

/** What the agent has set: its settings, its contact with its name for it, and whether it blocks. */
async function setBy(node: LinkedNode, agent: Agent): Promise<unknown> {
  return {
    settings: await read(node, agent, '/v1/settings'),
    contact: await read(node, agent, `/v1/contacts/${bob.agent}`),
    blocks: await read(node, agent, '/v1/blocks'),
  };
}

interface Sent {
  readonly strategy: string;
  readonly id: string;
}

/** Messages either way, in turn, on each placement. */
async function talk(): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  for (const strategy of PLACEMENTS)
    for (let count = 0; count <= PINS; count += 1) {
      const { id } =
        count % 2 === 0
          ? await from.client.deliver(strategy, alice, bob)
          : await elsewhere.client.deliver(strategy, bob, alice);
      sent.push({ strategy, id });
    }
  return sent;
}

describe('an agent that moves', () => {
  it('has its files, names, settings, blocks and pins at its new home, and those that its peer pins meanwhile', async () => {
    const content = randomBytes(SIZE);
    const messages = await talk();
    const files = new FileClient(from.client);
    const file = await files.upload(alice, content);
    const sending = { strategy: 'pairwise-dht', from: alice, to: bob };
    await files.deliver(sending, { type: 'file', text: 'as agreed', file });
    const lastOf = (strategy: string): string =>
      messages.filter((message) => message.strategy === strategy).at(-1)?.id ?? '';
    // The last of each is left for later.
    const pinned = messages.filter(({ id, strategy }) => id !== lastOf(strategy));
    // The latest message first: in another order than the one in which they are listed.
    for (const { id, strategy } of pinned.toReversed()) await put(from, alice, pinPath(strategy, id));
    await untilEqual(pinned.length, async () => (await pinsOf(elsewhere, bob, alice)).length);
    await put(from, alice, `/v1/contacts/${bob.agent}`, { petname: 'my brother', readReceipts: true });
    await put(from, alice, '/v1/settings', SETTINGS);
    await put(from, alice, `/v1/blocks/${blocked.agent}`);
    const before = { set: await setBy(from, alice), pins: await pinsOf(from, alice, bob) };
    expect(before.set).toMatchObject({
      settings: SETTINGS,
      contact: { petname: 'my brother', readReceipts: true },
      blocks: { items: [{ agent: blocked.agent }] },
    });

    const exported = await bytesOf(await exportOf(from, alice));
    // The fence is up: nobody is there to be told.
    for (const strategy of PLACEMENTS) await put(elsewhere, bob, pinPath(strategy, lastOf(strategy)));
    const moved = (await (await importTo(to, alice, exported)).json()) as Agent;

    const all = await pinsOf(elsewhere, bob, alice);
    expect(all).toHaveLength(2 * (PINS + 1));
    await untilEqual(JSON.stringify(all), async () => JSON.stringify(await pinsOf(to, moved, bob)));
    expect(all.filter((id) => before.pins.includes(id))).toEqual(before.pins);
    expect(await setBy(to, moved)).toEqual(before.set);
    const download = await new FileClient(to.client).download(moved, file);
    expect(Buffer.compare(await contentIn(download), content)).toBe(0);
    const refused = await elsewhere.client.send('source-chain', blocked, moved);
    await untilEqual('remote-call-refused/recipient-refuses', async () => {
      const path = `/v1/strategies/source-chain/messages/${refused.id}`;
      return (await elsewhere.client.get('message', path, { token: blocked.token })).delivery?.lastError;
    });
  });
});
