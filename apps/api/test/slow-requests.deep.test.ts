import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { arrivalLimits } from '../src/http/arrival-limits.js';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { type RawAnswer, answerOf } from './support/raw-exchange.js';

const HEAD = 'POST /v1/agents HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const LONG = 'x'.repeat(4096);

/** Sends the first part at once and the rest byte by byte, for as long as the service takes it. */
async function trickle({ url }: TestService, first: string, rest: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  // A write may meet a connection that has just been closed.
  socket.on('error', () => undefined);
  socket.write(first);
  const dripping = drip(socket, rest);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  return answerOf(answer);
}

function drip(socket: Socket, text: string): NodeJS.Timeout {
  let at = 0;
  return setInterval(() => {
    if (at < text.length && socket.writable) socket.write(text[at] ?? '');
    at += 1;
  }, 20);
}

describe('a request that arrives too slowly', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await openService({ REQUEST_TIMEOUT_MS: '400' });
  });

  afterAll(() => service.close());

  it.each([
    ['no byte of it comes', '', ''],
    ['its headers stop', `${HEAD}x-some`, ''],
    ['its headers come byte by byte', HEAD, `x: ${LONG}`],
    ['its body stops', `${HEAD}content-length: 40\r\n\r\n{"nick`, ''],
    ['its body comes byte by byte', `${HEAD}content-length: 4096\r\n\r\n{"nickname": "`, LONG],
    ['its chunks stop', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"nic`, ''],
    ['its chunks come byte by byte', `${HEAD}transfer-encoding: chunked\r\n\r\n`, `fff\r\n${LONG}`],
  ])('is answered with 408, and its connection ends: %s', async (_, first, rest) => {
    const before = await service.rows();

    const { status, head, body } = await trickle(service, first, rest);

    expect([status, JSON.parse(body)]).toEqual([
      408,
      expect.objectContaining({ type: 'urn:musubi:problem:request-timeout', retryable: true }),
    ]);
    expect(head).toContain('connection: close');
    expect(await service.rows()).toBe(before);
  });

  it('is no error of the service', () => {
    expect(service.log()).not.toContain('"level":50');
  });
});

describe('requests that arrive slowly', () => {
  let service: TestService;

  // Long enough for any machine to read a request that is there.
  beforeAll(async () => {
    service = await openService({ REQUEST_TIMEOUT_MS: '4000' });
  });

  afterAll(() => service.close());

  it('keep no other from its answer', async () => {
    const slow = Array.from({ length: 50 }, () => trickle(service, HEAD, LONG));

    const fast = await new Client(service.url).request('/v1/agents', { body: { nickname: 'fast' } });

    expect(fast.status).toBe(201);
    expect(new Set((await Promise.all(slow)).map(({ status }) => status))).toEqual(new Set([408]));
    expect(service.log()).not.toContain('"level":50');
  });
});

it('is looked for often enough that the limit is met within 5 s, or a quarter of it', () => {
  expect([100, 60_000].map((requestTimeoutMs) => arrivalLimits({ requestTimeoutMs }))).toEqual([
    { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 25 },
    { headersTimeout: 60_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 },
  ]);
});
