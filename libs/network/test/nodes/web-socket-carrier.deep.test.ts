import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey } from '@musubi/messaging';
import { type RemoteCallOutcome } from '@musubi/network';
import { LINKS_PATH, LINK_LIMITS, type NodePlace, SimClock, WebSocketCarrier } from '@musubi/network/nodes';
import { WebSocket } from 'ws';
import { until, untilEqual } from '../../../../test/support/until.js';
import { describeCarrier } from './support/carrier-contract.js';
import { FN, seededRandom } from './support/sim-nodes.js';
import { PROXY_CERTIFICATE, TlsProxy, type TlsProxyOptions } from './support/tls-proxy.js';
import { type TlsNode, type TlsNodeOptions, openTlsNode, systemClock } from './support/tls-nodes.js';

/** Each round of a test dials anew. */
const LIMITS = { ...LINK_LIMITS, dialsPerMinute: 100_000 };

interface ProxiedNode {
  readonly node: TlsNode;
  readonly carrier: WebSocketCarrier;
  readonly proxy: TlsProxy;
}

/** A node that can be reached through a proxy alone. */
async function openBehind(
  options: Pick<TlsNodeOptions, 'book' | 'number'> & Partial<TlsNodeOptions>,
  proxied: Partial<TlsProxyOptions> = {},
  authorities: string | undefined = PROXY_CERTIFICATE,
): Promise<ProxiedNode> {
  let port: () => number | null = () => null;
  const proxy = await TlsProxy.open({ ...proxied, behind: () => port() });
  let made: WebSocketCarrier | undefined;
  const node = await openTlsNode({
    addresses: [proxy.address],
    carrierOf: (identity, clock) => {
      made = new WebSocketCarrier({
        identity,
        clock,
        listenAt: { host: '127.0.0.1', port: 0 },
        trusts: (_address, hop) => hop < 1,
        authorities,
      });
      return made;
    },
    ...options,
  });
  if (made === undefined) throw new Error('the node has a carrier');
  const carrier = made;
  port = () => carrier.port;
  return { node, carrier, proxy };
}

describeCarrier('through HTTPS proxies', async (book) => {
  const here = await openBehind({ number: 1, book });
  const there = await openBehind({ number: 2, book });
  const close = (): Promise<void> => {
    for (const { proxy } of [here, there]) proxy.close();
    return Promise.resolve();
  };
  return { here: here.node, there: there.node, close };
});

describe('a node behind a proxy', () => {
  let book: Map<AgentPubKey, NodePlace>;
  let here: ProxiedNode;
  let opened: ProxiedNode[];

  beforeEach(async () => {
    book = new Map();
    opened = [];
    here = await open(1);
  });

  afterEach(async () => {
    await Promise.all(opened.map(({ node }) => node.links.close()));
    for (const { proxy } of opened) proxy.close();
  });

  async function open(
    number: number,
    { proxied = {}, ...options }: Partial<TlsNodeOptions> & { proxied?: Partial<TlsProxyOptions> } = {},
  ): Promise<ProxiedNode> {
    const made = await openBehind({ number, book, limits: LIMITS, ...options }, proxied);
    opened.push(made);
    book.set(made.node.home.agent, made.node.place);
    return made;
  }

  const callTo = (there: ProxiedNode, payload: Uint8Array = Uint8Array.of(1)): Promise<RemoteCallOutcome> => {
    const [from, to] = [here.node.home.agent, there.node.home.agent];
    return here.node.calls.call({ from, to, fn: FN, payload });
  };

  /** @returns the first byte of each call that was served */
  function echo({ node }: ProxiedNode): readonly (number | undefined)[] {
    const served: (number | undefined)[] = [];
    node.calls.serve(FN, ({ payload }) => {
      served.push(payload[0]);
      return Promise.resolve(payload);
    });
    return served;
  }

  /** Not once(): it rejects when an error comes before. */
  const closed = (socket: Socket | WebSocket): Promise<unknown> =>
    new Promise((resolve) => void socket.once('close', resolve));

  /** Speaks HTTP to the node by hand, without the proxy. @returns all that it answers */
  async function ask({ carrier }: ProxiedNode, text: string): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port: carrier.port ?? 0 });
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.write(text);
    await closed(socket);
    return answer;
  }

  const upgrade = (lines: string, path = LINKS_PATH): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`;
  const KEYED = `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n`;

  /** A client of the node that does as it likes, without the proxy. */
  async function client({ carrier }: ProxiedNode): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${carrier.port ?? 0}${LINKS_PATH}`, { autoPong: false });
    socket.on('error', () => undefined);
    await once(socket, 'open');
    return socket;
  }

  it('gives the proxy neither a key nor a word to see', async () => {
    const seen: Uint8Array[] = [];
    const there = await open(2, { proxied: { onBytes: (bytes) => seen.push(Buffer.from(bytes)) } });
    echo(there);
    const secret = randomBytes(64);

    expect(await callTo(there, secret)).toEqual({ kind: 'ok', reply: new Uint8Array(secret) });

    const all = Buffer.concat(seen);
    expect(all.length).toBeGreaterThan(4096);
    // What the client says is masked; what the node says is as it is.
    expect(all.includes(secret)).toBe(false);
    expect(all.includes(Buffer.from(there.node.identity.key, 'base64url'))).toBe(false);
  });

  it('is not dialled when the proxy has a certificate of nobody', async () => {
    const there = await open(2);
    const served = echo(there);
    const stranger = await openBehind({ number: 3, book }, {}, '');
    opened.push(stranger);
    const [from, to] = [stranger.node.home.agent, there.node.home.agent];

    const outcome = await stranger.node.calls.call({ from, to, fn: FN, payload: Uint8Array.of(1) });

    expect([outcome.kind, there.proxy.connections, served]).toEqual(['not-sent', 0, []]);
  });

  it('ends each call rightly that the proxy cuts at a random byte', async () => {
    const random = seededRandom(7);
    // A handshake, a call and its reply take some 10,000 bytes, of both directions together.
    const there = await open(2, {
      timeoutMs: 1000,
      proxied: { cutAfter: () => Math.floor(random() * 14_000) },
    });
    const served = echo(there);
    const kinds: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      here.node.links.forgive();
      kinds.push((await callTo(there, Uint8Array.of(round))).kind);
      there.proxy.cut();
      await untilEqual(false, () => Promise.resolve(here.node.links.isLinked(there.node.identity.key)));
    }

    // A call may be served after it has ended as unknown.
    const wrong = kinds.filter((kind, round) => {
      const times = served.filter((byte) => byte === round).length;
      return times > 1 || (kind === 'not-sent' && times > 0) || (kind === 'ok' && times === 0);
    });
    expect(wrong).toEqual([]);
    expect(kinds).toContain('not-sent');
    // A cut is no offence.
    expect(there.node.links.refusals.all()).not.toHaveProperty('malformed-frame');
  });

  it('answers what is no upgrade, and another path, and no half request', async () => {
    expect(await ask(here, 'GET /v1/links HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1.1 426 /);
    expect(await ask(here, upgrade(KEYED, '/v1/links/x'))).toMatch(/^HTTP\/1.1 404 /);
    expect(await ask(here, upgrade(''))).toMatch(/^HTTP\/1.1 400 /);
    expect(await ask(here, `GET /v1/links HTTP/1.1\r\nX: ${'a'.repeat(9000)}\r\n\r\n`)).toMatch(/ 431 /);
    expect(await ask(here, 'GET /v1/links HTT')).toMatch(/ 408 /);
    expect(here.node.links.refusals.all()).toEqual({});
  });

  it('counts connections by what a trusted proxy says, before the WebSocket begins', async () => {
    const limits = { ...LIMITS, connectionsPerAddress: 2 };
    const there = await open(2, { limits });
    const from = (address: string): string => upgrade(`${KEYED}X-Forwarded-For: 192.0.2.66, ${address}\r\n`);
    const held = [
      connect(there.carrier.port ?? 0, '127.0.0.1'),
      connect(there.carrier.port ?? 0, '127.0.0.1'),
    ];
    for (const socket of held) {
      socket.write(from('192.0.2.1'));
      await once(socket, 'data');
    }

    expect(await ask(there, from('192.0.2.1'))).toMatch(/^HTTP\/1.1 429 /);
    const other = connect(there.carrier.port ?? 0, '127.0.0.1');
    other.write(from('192.0.2.2'));
    expect(String((await once(other, 'data'))[0])).toMatch(/^HTTP\/1.1 101 /);
    expect(there.node.links.refusals.all()).toEqual({ 'too-many-connections': 1 });
    for (const socket of [...held, other]) socket.destroy();
  });

  it('closes a WebSocket that says nothing, after 2 s', async () => {
    const clock = new SimClock();
    const there = await open(2, { clock });
    const socket = await client(there);
    const ended = closed(socket);
    await untilEqual(true, () => Promise.resolve(clock.sleeping > 1));
    await clock.advance(2000);
    await ended;
    await untilEqual(1, () => Promise.resolve(there.node.links.refusals.countOf('handshake')));
  });

  it.each<readonly [string, (socket: WebSocket) => void]>([
    [
      'a message larger than any',
      (socket) => {
        socket.send(Buffer.alloc(257 * 1024));
      },
    ],
    [
      'text',
      (socket) => {
        socket.send('hello'.repeat(10));
      },
    ],
    [
      'nothing but pings',
      (socket) => {
        for (let index = 0; index < 40; index += 1) socket.ping();
      },
    ],
    [
      'nothing but empty messages',
      (socket) => {
        for (let index = 0; index < 40; index += 1) socket.send('');
      },
    ],
    [
      'plain HTTP',
      (socket) => {
        socket.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      },
    ],
  ])('refuses a WebSocket that says %s', async (_name, say) => {
    const there = await open(2);
    const socket = await client(there);
    const ended = closed(socket);

    say(socket);

    await ended;
    await untilEqual(1, () => Promise.resolve(there.node.links.refusals.countOf('handshake')));
    const served = echo(there);
    expect([(await callTo(there)).kind, served]).toEqual(['ok', [1]]);
  });

  it('reads no more than fits while the receiver rests', async () => {
    const there = await open(2, { limits: { ...LIMITS, bytesPerSecond: 100_000 } });
    echo(there);
    const payload = new Uint8Array(200_000);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => callTo(there, payload)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('ok'));
  });

  it('closes what is under way when it closes', async () => {
    const there = await open(2, { clock: systemClock() });
    const socket = await client(there);
    const ended = closed(socket);
    await there.node.links.close();
    await ended;
    await until(() => {
      expect(there.carrier.port).toBeNull();
      return Promise.resolve();
    });
  });
});
