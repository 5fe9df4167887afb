import { beforeEach, expect, it } from '@jest/globals';
import { StoredWhereabouts } from '@musubi/membership';
import {
  DAY_US,
  HOUR_US,
  after,
  agentNumber,
  agentRecord,
  nodeNumber,
  nodeRecord,
} from './support/people.js';
import { ROOMY, type Stores, inMemoryHarness } from './support/stores.js';

const alice = agentNumber(1);
const laptop = nodeNumber(1);
const server = nodeNumber(2);
let stores: Stores;
let whereabouts: StoredWhereabouts;

beforeEach(async () => {
  stores = (await inMemoryHarness()).open(ROOMY);
  whereabouts = new StoredWhereabouts(stores);
});

it('knows nothing of an agent without a record', async () => {
  await stores.peers.put(nodeRecord(laptop), null);
  expect(await whereabouts.nodeOf(alice.agent)).toBeUndefined();
});

it('says on which node an agent is, and where the node is', async () => {
  await stores.agents.put(agentRecord(alice, laptop), null);
  await stores.peers.put(nodeRecord(laptop), null);
  expect(await whereabouts.nodeOf(alice.agent)).toEqual({
    node: laptop.key,
    addresses: ['tcp://192.0.2.1:4040'],
  });
});

it('names a node without addresses when it has no record of it', async () => {
  await stores.agents.put(agentRecord(alice, laptop), null);
  expect(await whereabouts.nodeOf(alice.agent)).toEqual({ node: laptop.key, addresses: [] });
});

it('keeps the address when both records expired long ago', async () => {
  const times = { issued: after(-40 * DAY_US), expires: after(HOUR_US - 40 * DAY_US) };
  await stores.agents.put(agentRecord(alice, laptop, times), null);
  await stores.peers.put(nodeRecord(laptop, times), null);
  expect(await whereabouts.nodeOf(alice.agent)).toMatchObject({ addresses: ['tcp://192.0.2.1:4040'] });
});

it('follows an agent that moves, and goes back to no older record', async () => {
  await stores.agents.put(agentRecord(alice, laptop, { seq: 1 }), null);
  await stores.agents.put(agentRecord(alice, server, { seq: 2 }), null);
  await stores.agents.put(agentRecord(alice, laptop, { seq: 1 }), null);
  expect(await whereabouts.nodeOf(alice.agent)).toMatchObject({ node: server.key });
});

it('knows no place of an agent that has left, until it is back', async () => {
  await stores.agents.put(agentRecord(alice, laptop, { seq: 1 }), null);
  await stores.agents.put(agentRecord(alice, laptop, { seq: 2, tombstone: true }), null);
  expect(await whereabouts.nodeOf(alice.agent)).toBeUndefined();
  await stores.agents.put(agentRecord(alice, server, { seq: 3 }), null);
  expect(await whereabouts.nodeOf(alice.agent)).toMatchObject({ node: server.key });
});
