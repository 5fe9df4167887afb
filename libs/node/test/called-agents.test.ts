import { beforeEach, expect, it } from '@jest/globals';
import { AgentKeys } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { NodeIdentity, type NodePlace } from '@musubi/network/nodes';
import { CalledAgents } from '../src/links/called-agents.js';

const seed = (number: number): Uint8Array => Uint8Array.from({ length: 32 }, () => number);
const [alice, bob] = [AgentKeys.fromSeed(seed(1)).agent, AgentKeys.fromSeed(seed(2)).agent];
const node = NodeIdentity.fromSeed(seed(3)).key;

let book: Map<AgentPubKey, NodePlace>;
let looks: number;
let called: CalledAgents;

beforeEach(() => {
  book = new Map([[alice, { node, addresses: ['tcp://192.0.2.1:1'] }]]);
  looks = 0;
  called = new CalledAgents({
    nodeOf: (agent) => {
      looks += 1;
      return Promise.resolve(book.get(agent));
    },
  });
});

it('looks an agent up once, and knows who is on a node', async () => {
  expect(await called.nodeOf(alice)).toEqual(await called.nodeOf(alice));

  expect(looks).toBe(1);
  expect(called.on(node)).toEqual([alice]);
});

it('remembers nothing of an agent whose address is unknown', async () => {
  expect(await called.nodeOf(bob)).toBeUndefined();
  book.set(bob, { node, addresses: [] });

  expect(await called.nodeOf(bob)).toEqual({ node, addresses: [] });
});

it.each([
  [
    'of the agent',
    (): void => {
      called.forget(alice);
    },
  ],
  [
    'of the node',
    (): void => {
      called.forgetPlacesOn(node);
    },
  ],
])('looks again after another record %s has come', async (_, tell) => {
  await called.nodeOf(alice);
  const moved = { node, addresses: ['tcp://192.0.2.2:2'] };
  book.set(alice, moved);
  tell();

  expect(await called.nodeOf(alice)).toEqual(moved);
  expect(called.on(node)).toEqual([alice]);
});

it('does not remember what it read while another record came', async () => {
  const looking = called.nodeOf(alice);
  book.set(alice, { node, addresses: ['tcp://192.0.2.2:2'] });
  called.forget(alice);
  await looking;

  expect(await called.nodeOf(alice)).toMatchObject({ addresses: ['tcp://192.0.2.2:2'] });
});
