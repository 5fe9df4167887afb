import { beforeEach, expect, it } from '@jest/globals';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCallOutcome } from '@musubi/network';
import { type NodeIdentity, NodeLinks, NodeRemoteCalls, SimClock, SimNetwork } from '@musubi/network/nodes';
import { StoredWhereabouts, formatCard, parseCard } from '@musubi/membership';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from './support/people.js';
import { ROOMY, type Stores, inMemoryHarness } from './support/stores.js';

const FN = 'test/name';
const TIMEOUT_MS = 5000;

/** A node of a simulated network that finds others by its stored records. */
interface Linked {
  readonly identity: NodeIdentity;
  readonly addresses: readonly string[];
  readonly stores: Stores;
  readonly calls: NodeRemoteCalls;
}

const alice = agentNumber(1);
const bob = agentNumber(2);
let clock: SimClock;
let network: SimNetwork;
let here: Linked;
let there: Linked;

beforeEach(async () => {
  clock = new SimClock();
  network = new SimNetwork({ clock, random: () => 0.5 });
  here = await open(1, [alice]);
  there = await open(2, [bob]);
});

/** Its function says the node's number. */
async function open(number: number, agents: readonly AgentKeys[]): Promise<Linked> {
  const identity = nodeNumber(number);
  const unlocked = new Map(agents.map((keys) => [keys.agent, keys]));
  const presence = { isOnline: (agent: AgentPubKey) => unlocked.has(agent) };
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: TIMEOUT_MS });
  const links = new NodeLinks({
    self: identity.key,
    carriers: [network.carrier(`n${number}`, identity.key)],
    clock,
    random: () => 0.5,
    signer: { sign: (agent, bytes) => signed(unlocked.get(agent), bytes) },
    serve: (call) => inner.call(call),
    log: { warn: () => undefined },
    callTimeoutMs: TIMEOUT_MS,
  });
  const stores = (await inMemoryHarness()).open(ROOMY);
  const whereabouts = new StoredWhereabouts(stores);
  const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
  calls.serve(FN, () => Promise.resolve(Uint8Array.of(number)));
  return { identity, addresses: await links.open(), stores, calls };
}

function signed(keys: AgentKeys | undefined, bytes: Uint8Array): Uint8Array {
  if (keys === undefined) throw new Error('locked');
  return keys.sign(bytes);
}

function cardOf(keys: AgentKeys, { identity, addresses }: Linked, seq = 1): string {
  return formatCard({
    agent: agentRecord(keys, identity, { seq }),
    node: nodeRecord(identity, { addresses }),
  });
}

async function take({ stores }: Linked, text: string): Promise<void> {
  const { agent, node } = parseCard(text);
  await stores.agents.put(agent, null);
  await stores.peers.put(node, null);
}

function callBob(): Promise<RemoteCallOutcome> {
  return clock.run(here.calls.call({ from: alice.agent, to: bob.agent, fn: FN, payload: new Uint8Array() }));
}

it('sends nothing to an agent of whom there is no card, and reaches it by one', async () => {
  expect((await callBob()).kind).toBe('not-sent');
  await take(here, cardOf(bob, there));
  expect(await callBob()).toEqual({ kind: 'ok', reply: Uint8Array.of(2) });
});

it('does not fall for a card that gives another node the address', async () => {
  const other = await open(3, []);
  await take(here, cardOf(bob, { ...other, addresses: there.addresses }));
  expect((await callBob()).kind).toBe('not-sent');
});

it('follows an agent that moves to another node', async () => {
  await take(here, cardOf(bob, there));
  const next = await open(3, [bob]);
  await take(here, cardOf(bob, next, 2));
  expect(await callBob()).toEqual({ kind: 'ok', reply: Uint8Array.of(3) });
});

it('sends nothing to a node of which it has no record', async () => {
  await here.stores.agents.put(agentRecord(bob, there.identity), null);
  expect((await callBob()).kind).toBe('not-sent');
});
