import { once } from 'node:events';
import { TLSSocket, connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, silentLog } from '@musubi/messaging';
import { InProcessRemoteCalls, type RemoteCallOutcome } from '@musubi/network';
import {
  type NodeKey,
  NodeLinks,
  type NodePlace,
  NodeRemoteCalls,
  RELAY_ALPN,
  RELAY_LIMITS,
  RelayCarrier,
  type RelayLimits,
  type RelayPlace,
  type RelayPresence,
  RelayServer,
  SimClock,
  TcpCarrier,
  relayAddress,
} from '@musubi/network/nodes';
import { until } from '../../../../test/support/until.js';
import { FN, agentFromSeed, identityFromSeed, signerOf } from './support/sim-nodes.js';
import { systemClock } from './support/tls-nodes.js';

const CANARY = 'a text that no relay may read';

/** Writes down all that it passes on, and may lie about who offers itself. */
class CuriousRelay extends RelayServer {
  readonly seen: Buffer[] = [];
  readonly names = new Map<NodeKey, NodeKey>();

  override serve(socket: TLSSocket, client: NodeKey): Promise<void> {
    const write = (chunk: Uint8Array): boolean => TLSSocket.prototype.write.call(socket, chunk);
    socket.write = (chunk: Uint8Array | string): boolean => {
      this.seen.push(Buffer.from(chunk as Uint8Array));
      return write(chunk as Uint8Array);
    };
    return super.serve(socket, this.names.get(client) ?? client);
  }
}

interface RelayedNode {
  readonly key: NodeKey;
  readonly agent: AgentPubKey;
  readonly links: NodeLinks;
  readonly calls: NodeRemoteCalls;
  readonly carrier: RelayCarrier;
  readonly addresses: readonly string[];
}

async function untilEqual<Value>(read: () => Value, expected: Value): Promise<void> {
  await until(async () => {
    await Promise.resolve();
    expect(read()).toEqual(expected);
  });
}

let book: Map<AgentPubKey, NodePlace>;
let opened: NodeLinks[];
let presences: RelayPresence[];
let relay: CuriousRelay;
let place: RelayPlace;
let hidden: RelayedNode;
let caller: RelayedNode;

beforeEach(async () => {
  book = new Map();
  opened = [];
  presences = [];
  await use();
});

afterEach(async () => {
  for (const presence of presences) presence.end();
  await Promise.all(opened.map((links) => links.close(0)));
});

async function use(limits: Partial<RelayLimits> = {}, clock = systemClock()): Promise<void> {
  relay = new CuriousRelay({ clock, limits: { ...RELAY_LIMITS, ...limits } });
  const node = await open(1, relay);
  place = { node: node.key, address: node.addresses[0] ?? '' };
  hidden = await open(2);
  caller = await open(3);
}

async function open(number: number, relaying?: RelayServer): Promise<RelayedNode> {
  const identity = identityFromSeed(number);
  const { agent, keys } = agentFromSeed(number);
  const unlocked = new Map([[agent, keys]]);
  const presence = { isOnline: (one: AgentPubKey) => unlocked.has(one) };
  const clock = systemClock();
  const inner = new InProcessRemoteCalls({ presence, clock, timeoutMs: 20_000 });
  const listenAt = relaying === undefined ? undefined : { host: '127.0.0.1', port: 0 };
  const carrier = new RelayCarrier({ identity, clock, random: () => 0 });
  const links = new NodeLinks({
    self: identity.key,
    carriers: [new TcpCarrier({ identity, clock, listenAt, relay: relaying }), carrier],
    clock,
    random: () => 0,
    signer: signerOf(unlocked),
    serve: (call) => inner.call(call),
    log: silentLog,
    callTimeoutMs: 20_000,
  });
  opened.push(links);
  const whereabouts = { nodeOf: (one: AgentPubKey) => Promise.resolve(book.get(one)) };
  const calls = new NodeRemoteCalls({ inner, presence, self: identity.key, whereabouts, links });
  calls.serve(FN, ({ payload }) => Promise.resolve(payload));
  return { key: identity.key, agent, links, calls, carrier, addresses: await links.open() };
}

/** The hidden node waits at the relay, and others know that. */
async function offer(node = hidden, at = place): Promise<RelayPresence> {
  const presence = node.carrier.offerAt(at);
  presences.push(presence);
  book.set(node.agent, { node: node.key, addresses: [relayAddress(at)] });
  await untilEqual(() => presence.isUp, true);
  await untilEqual(() => relay.load.offers, 2);
  return presence;
}

function call(from = caller, to = hidden, payload = Buffer.from(CANARY)): Promise<RemoteCallOutcome> {
  return from.calls.call({ from: from.agent, to: to.agent, fn: FN, payload });
}

describe('a node that nobody can dial', () => {
  it('is reached through a relay, and calls back over the same link', async () => {
    await offer();
    expect(await call()).toEqual({ kind: 'ok', reply: Buffer.from(CANARY) });
    expect((await call(caller, hidden, Buffer.alloc(250_000, 7))).kind).toBe('ok');
    book.set(caller.agent, { node: caller.key, addresses: [] });
    expect((await call(hidden, caller)).kind).toBe('ok');
    expect([relay.load.joints, hidden.links.openLinksTo(caller.key).length]).toEqual([1, 1]);
    expect([hidden.links.refusals.all(), caller.links.refusals.all()]).toEqual([{}, {}]);
  });

  it('tells the relay nothing of what is said', async () => {
    await offer();
    await call();
    const seen = Buffer.concat(relay.seen);
    expect(seen.length).toBeGreaterThan(4000);
    const secrets = [
      CANARY,
      FN,
      Buffer.from(caller.agent, 'base64url'),
      Buffer.from(hidden.agent, 'base64url'),
    ];
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
  });

  it('waits again at once for the next caller', async () => {
    await offer();
    const others = [await open(4), await open(5), await open(6)];
    // More call at once than are waited for: who finds nobody has sent nothing, and calls again.
    const reaches = (one: RelayedNode): Promise<void> =>
      until(async () => {
        expect((await call(one)).kind).toBe('ok');
      });
    await Promise.all([caller, ...others].map(reaches));
    await untilEqual(() => relay.load, { offers: 2, joints: 4 });
  });

  it('is not reached when it is not at the relay, and nothing was sent then', async () => {
    book.set(hidden.agent, { node: hidden.key, addresses: [relayAddress(place)] });
    expect((await call()).kind).toBe('not-sent');
  });

  it('does not wait at a node that does not relay', async () => {
    const plain = await openTcp(7);
    const presence = hidden.carrier.offerAt({ node: plain.key, address: plain.addresses[0] ?? '' });
    presences.push(presence);
    await untilEqual(() => plain.links.refusals.countOf('handshake') > 0, true);
    expect(presence.isUp).toBe(false);
  });
});

async function openTcp(
  number: number,
): Promise<{ readonly key: NodeKey; readonly addresses: readonly string[]; readonly links: NodeLinks }> {
  const identity = identityFromSeed(number);
  const clock = systemClock();
  const links = new NodeLinks({
    self: identity.key,
    carriers: [new TcpCarrier({ identity, clock, listenAt: { host: '127.0.0.1', port: 0 } })],
    clock,
    random: () => 0,
    signer: signerOf(new Map()),
    serve: () => Promise.resolve({ kind: 'not-sent', detail: 'none' }),
    log: silentLog,
    callTimeoutMs: 20_000,
  });
  opened.push(links);
  return { key: identity.key, addresses: await links.open(), links };
}

describe('a relay', () => {
  it('cannot put another node in the place of the one that was called', async () => {
    const impostor = await open(8);
    relay.names.set(impostor.key, hidden.key);
    await offer(impostor);
    book.set(hidden.agent, { node: hidden.key, addresses: [relayAddress(place)] });
    expect((await call()).kind).toBe('not-sent');
    expect([caller.links.refusals.countOf('wrong-node'), impostor.links.linked()]).toEqual([1, []]);
  });

  it('holds so many offers of one node', async () => {
    await offer();
    const more = [hidden.carrier.offerAt(place), hidden.carrier.offerAt(place)];
    presences.push(...more);
    await untilEqual(() => relay.load.offers, RELAY_LIMITS.offersPerNode);
    expect((await call()).kind).toBe('ok');
  });

  it('joins so many at once, and no more', async () => {
    await use({ jointsPerNode: 1 });
    await offer();
    expect((await call()).kind).toBe('ok');
    expect((await call(await open(4))).kind).toBe('not-sent');
  });

  it('ends a joint after so many bytes: the next call makes another', async () => {
    await use({ bytesPerJoint: 200_000 });
    await offer();
    expect((await call()).kind).toBe('ok');
    expect((await call(caller, hidden, Buffer.alloc(240_000))).kind).toBe('unknown');
    await untilEqual(() => caller.links.isLinked(hidden.key), false);
    expect((await call()).kind).toBe('ok');
  });

  it('ends a joint after so long, and an offer that is silent', async () => {
    const clock = new SimClock();
    await use({ msPerJoint: 3_600_000 }, clock);
    await offer();
    expect((await call()).kind).toBe('ok');
    await untilEqual(() => relay.load, { offers: 2, joints: 1 });
    await clock.advance(3_600_001);
    await untilEqual(() => relay.load.joints, 0);
  });

  it('closes a connection that says nothing, or something else than a request', async () => {
    const clock = new SimClock();
    await use({}, clock);
    const sockets = [await connectRaw(), await connectRaw()];
    sockets[1]?.write(Buffer.alloc(33, 9));
    await untilEqual(() => sockets[1]?.closed, true);
    expect(sockets[0]?.closed).toBe(false);
    await clock.advance(2001);
    await untilEqual(() => sockets[0]?.closed, true);
    expect(relay.load).toEqual({ offers: 0, joints: 0 });
  });

  it('that closes takes no link of others with it, and its clients find it when it is back', async () => {
    await offer();
    await call();
    relay.close();
    await untilEqual(() => [relay.load.offers, relay.load.joints], [0, 0]);
    await untilEqual(() => caller.links.isLinked(hidden.key), false);
    expect((await call()).kind).toBe('not-sent');
  });
});

/** A client that says nothing by itself. */
async function connectRaw(): Promise<TLSSocket> {
  const identity = identityFromSeed(9);
  const { hostname, port } = new URL(place.address);
  const socket = connect({
    host: hostname,
    port: Number(port),
    key: identity.privateKeyPem(),
    cert: identity.certificate,
    ALPNProtocols: [RELAY_ALPN],
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'secureConnect');
  return socket;
}
