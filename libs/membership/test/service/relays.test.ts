import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type AgentKeys } from '@musubi/crypto';
import { AgentOfflineError, type AgentPubKey, SystemClock, silentLog } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCallOutcome } from '@musubi/network';
import {
  type NodeKey,
  NodeLinks,
  NodeRemoteCalls,
  RelayCarrier,
  RelayServer,
  TcpCarrier,
} from '@musubi/network/nodes';
import { Membership, StoredWhereabouts, parseBootstrap } from '@musubi/membership';
import { until } from '../../../../test/support/until.js';
import { agentNumber, nodeNumber } from '../support/people.js';
import { ROOMY, inMemoryHarness } from '../support/stores.js';

const FN = 'test/number';

interface TlsMember {
  readonly key: NodeKey;
  readonly keys: AgentKeys;
  readonly membership: Membership;
  readonly calls: NodeRemoteCalls;
  readonly addresses: readonly string[];
  readonly links: NodeLinks;
  stop(): Promise<void>;
}

let members: TlsMember[];

beforeEach(() => {
  members = [];
});

afterEach(async () => {
  await Promise.all(members.map((member) => member.stop()));
});

/** Over TLS on loopback. A relay listens; the others only dial, as from behind NAT. */
async function open(
  number: number,
  { isRelay = false, bootstrap = [] as readonly string[] } = {},
): Promise<TlsMember> {
  const clock = new SystemClock(() => performance.timeOrigin + performance.now());
  const random = (): number => 0.5;
  const [identity, keys] = [nodeNumber(number), agentNumber(number)];
  const stores = (await inMemoryHarness()).open(ROOMY);
  const presence = { isOnline: (agent: AgentPubKey) => agent === keys.agent };
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: 20_000 });
  const signer = {
    sign: (agent: AgentPubKey, bytes: Uint8Array): Uint8Array => {
      if (agent !== keys.agent) throw new AgentOfflineError('not here');
      return keys.sign(bytes);
    },
  };
  const listenAt = isRelay ? { host: '127.0.0.1', port: 0 } : undefined;
  const relay = isRelay ? new RelayServer({ clock }) : undefined;
  const relayCarrier = new RelayCarrier({ identity, clock, random });
  const links = new NodeLinks({
    self: identity.key,
    carriers: [new TcpCarrier({ identity, clock, listenAt, relay }), relayCarrier],
    ...{ clock, random, signer, log: silentLog, callTimeoutMs: 20_000 },
    serve: (call) => inner.call(call),
  });
  const membership = new Membership({
    ...{ identity, links, stores, clock, random, signer, log: silentLog, isRelay, relayCarrier },
    bootstrap: bootstrap.map(parseBootstrap),
  });
  const whereabouts = new StoredWhereabouts(stores);
  const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
  calls.serve(FN, () => Promise.resolve(Uint8Array.of(number)));
  const addresses = await links.open();
  await membership.start({ addresses });
  const stop = async (): Promise<void> => {
    await Promise.all([membership.stop(), links.close(0)]);
  };
  const member = { key: identity.key, keys, membership, calls, addresses, links, stop };
  members.push(member);
  return member;
}

async function relaysOf({ membership }: TlsMember): Promise<readonly NodeKey[]> {
  return (await membership.record()).content.relays.map(({ node }) => node);
}

function call(from: TlsMember, to: TlsMember): Promise<RemoteCallOutcome> {
  return from.calls.call({ from: from.keys.agent, to: to.keys.agent, fn: FN, payload: new Uint8Array() });
}

it('lets two nodes that nobody can dial call one another, by one card and one relay', async () => {
  const relay = await open(1, { isRelay: true });
  const bootstrap = relay.addresses;
  const [here, there] = [await open(2, { bootstrap }), await open(3, { bootstrap })];
  await until(async () => {
    expect([await relaysOf(here), await relaysOf(there)]).toEqual([[relay.key], [relay.key]]);
  });
  const card = await there.membership.cardOf(there.keys.agent);
  if (card === undefined) throw new Error('a card');
  await here.membership.take(here.keys.agent, card);
  await until(async () => {
    expect(await call(here, there)).toEqual({ kind: 'ok', reply: Uint8Array.of(3) });
  });
  expect(await call(there, here)).toEqual({ kind: 'ok', reply: Uint8Array.of(2) });
  expect((await relaysOf(relay)).length).toBe(0);
});

it('is told by a node that does not relay that it does not', async () => {
  const relay = await open(1, { isRelay: true });
  const [address = ''] = relay.addresses;
  const hidden = await open(2, { bootstrap: [address] });
  await until(async () => {
    expect(await relaysOf(hidden)).toEqual([relay.key]);
  });
  const outcome = await hidden.links.ask(relay.key, 'relay/2', new Uint8Array());
  expect(outcome).toMatchObject({ kind: 'refused', code: 'unknown-topic' });
  const asked = await relay.links.ask(hidden.key, 'relay/1', new Uint8Array());
  expect(asked).toMatchObject({ kind: 'refused', code: 'no-relay' });
});
