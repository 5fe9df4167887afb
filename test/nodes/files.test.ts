import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent } from '../../apps/api/test/support/client.js';
import { FileClient, bytesOf } from '../../apps/api/test/support/file-client.js';
import { LinkedNode } from './support/linked-node.js';
import { PASSPHRASE, exportOf, importTo } from './support/moving.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;
/** Some twelve chunks, of which each takes a frame. */
const SIZE = 3_000_000;

let here: LinkedNode;
let there: LinkedNode;
let alice: Agent;
let bob: Agent;

const at = (node: LinkedNode): FileClient => new FileClient(node.client);

beforeAll(async () => {
  [here, there] = await Promise.all([LinkedNode.start(), LinkedNode.start()]);
  alice = await here.client.newAgent('alice', PASSPHRASE);
  bob = await there.client.newAgent('bob');
  await here.take(alice, bob.agent, await there.cardOf(bob));
  await there.take(bob, alice.agent, await here.cardOf(alice));
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
});

describe.each(PLACEMENTS)('a file on %s to another node', (strategy) => {
  it('arrives whole, and is downloaded there', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);

    const { id } = await at(here).deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    expect((await at(there).find(strategy, bob, id)).payload).toEqual({ type: 'file', text: null, file });
    expect(Buffer.compare(await bytesOf(await at(there).download(bob, file)), bytes)).toBe(0);
  });

  it('arrives although the other node is killed meanwhile and starts again', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);
    const place = ((await there.about(bob)).addresses[0] ?? '').replace('tcp://', '');
    const sending = at(here).deliver({ strategy, from: alice, to: bob }, { type: 'file', file });

    await there.end('SIGKILL');
    await there.startAgain(place);
    const { id } = await sending;

    expect((await at(there).find(strategy, bob, id)).status).toBe('delivered');
    expect(Buffer.compare(await bytesOf(await at(there).download(bob, file)), bytes)).toBe(0);
  });
});

describe('an agent that moves', () => {
  it('takes its files along', async () => {
    const bytes = randomBytes(SIZE);
    const file = await at(here).upload(alice, bytes);
    const toHerself = { strategy: 'source-chain', from: alice, to: alice };
    expect((await at(here).send(toHerself, { type: 'file', file })).status).toBe(201);

    const exported = await exportOf(here, alice);
    const imported = await importTo(there, alice, exported.body);
    expect([exported.status, imported.status]).toEqual([200, 201]);
    const moved = (await imported.json()) as Agent;

    expect(Buffer.compare(await bytesOf(await at(there).download(moved, file)), bytes)).toBe(0);
  });
});
