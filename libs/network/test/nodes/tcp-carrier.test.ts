import { once } from 'node:events';
import { type Socket, connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey } from '@musubi/messaging';
import { LINK_LIMITS, NodeIdentity, type NodePlace, SimClock } from '@musubi/network/nodes';
import { untilEqual } from '../../../../test/support/until.js';
import { describeCarrier } from './support/carrier-contract.js';
import { FN } from './support/sim-nodes.js';
import { type TlsNode, type TlsNodeOptions, openTlsNode } from './support/tls-nodes.js';

let book: Map<AgentPubKey, NodePlace>;
let nodes: TlsNode[];
let here: TlsNode;
let there: TlsNode;

beforeEach(async () => {
  book = new Map();
  nodes = [];
  [here, there] = [await open(1), await open(2)];
});

afterEach(async () => {
  await Promise.all(nodes.map(({ links }) => links.close()));
});

async function open(number: number, options: Partial<TlsNodeOptions> = {}): Promise<TlsNode> {
  const node = await openTlsNode({ number, book, ...options });
  node.calls.serve(FN, ({ payload }) => Promise.resolve(payload));
  book.set(node.home.agent, node.place);
  nodes.push(node);
  return node;
}

function callTo(callee: TlsNode, payload = Uint8Array.of(1)): ReturnType<TlsNode['calls']['call']> {
  return here.calls.call({ from: here.home.agent, to: callee.home.agent, fn: FN, payload });
}

/** Where the node listens. */
function portOf({ place }: TlsNode): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(place.addresses[0] ?? '');
  return { host: hostname, port: Number(port) };
}

const credentials = (): ConnectionOptions => {
  const identity = NodeIdentity.fromSeed(new Uint8Array(32).fill(9));
  return { key: identity.privateKeyPem(), cert: identity.certificate };
};

async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  // Not once(): an error comes before it here.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

describeCarrier('over TCP', async (known) => ({
  here: await openTlsNode({ number: 1, book: known }),
  there: await openTlsNode({ number: 2, book: known }),
  close: () => Promise.resolve(),
}));

it('finds a node by IPv6 too', async () => {
  const third = await open(3, { host: '::1' });
  expect(third.place.addresses[0]).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  expect((await callTo(third)).kind).toBe('ok');
});

describe('a connection is refused, and counted', () => {
  async function expectRefused(socket: Socket): Promise<void> {
    await closed(socket);
    await untilEqual(1, () => Promise.resolve(there.links.refusals.countOf('handshake')));
    expect((await callTo(there)).kind).toBe('ok');
  }

  it('when it speaks in plain', async () => {
    const socket = connectTcp(portOf(there));
    socket.write('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
    await expectRefused(socket);
  });

  const cases: readonly [string, ConnectionOptions][] = [
    ['without a certificate', { ALPNProtocols: ['musubi/1'] }],
    ['of another protocol', { ...credentials(), ALPNProtocols: ['h2'] }],
    ['without a protocol', credentials()],
    ['of TLS 1.2', { ...credentials(), ALPNProtocols: ['musubi/1'], maxVersion: 'TLSv1.2' }],
  ];
  it.each(cases)('%s', async (_name, options) => {
    await expectRefused(connectTls({ ...portOf(there), ...options, rejectUnauthorized: false }));
  });

  it('when the handshake takes longer than 2 s', async () => {
    const clock = new SimClock();
    const node = await open(4, { clock });
    const socket = connectTcp(portOf(node));
    socket.write(Buffer.from([0x16]));
    await untilEqual(true, () => Promise.resolve(clock.sleeping > 1));
    await clock.advance(2000);
    await closed(socket);
    await untilEqual(1, () => Promise.resolve(node.links.refusals.countOf('handshake')));
  });

  it('before any handshake when its address has too many', async () => {
    const node = await open(5, { limits: { ...LINK_LIMITS, connectionsPerAddress: 2 } });
    const sockets = [connectTcp(portOf(node)), connectTcp(portOf(node))];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await closed(connectTcp(portOf(node)));
    expect(node.links.refusals.all()).toEqual({ 'too-many-connections': 1 });
    for (const socket of sockets) socket.destroy();
    await untilEqual('ok', async () => {
      const outcome = await callTo(node);
      return outcome.kind;
    });
  });
});
