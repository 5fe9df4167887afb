import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { type RawAnswer, exchangeWith, rawRequest } from './support/raw-exchange.js';

let service: TestService;

beforeAll(async () => {
  service = await openService();
});

afterAll(() => service.close());

const exchange = (request: string): Promise<RawAnswer> => exchangeWith(service.url, request);

describe('CONNECT', () => {
  it.each(['example.org:443', 'localhost:80', '127.0.0.1:1', '/v1/agents', '*'])(
    'to %s is a problem, and ends the connection',
    async (target) => {
      const { status, head, body } = await exchange(`CONNECT ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`);

      expect([status, JSON.parse(body)]).toEqual([
        501,
        expect.objectContaining({ type: 'urn:musubi:problem:not-implemented', status: 501 }),
      ]);
      expect(head).toContain('content-type: application/problem+json');
      expect(head).toContain('connection: close');
    },
  );

  it('is answered before what the client sends with it, of which nothing is read as a request', async () => {
    const inner = rawRequest('/health/live', []);

    const { status, body } = await exchange(`CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n${inner}`);

    expect([status, body.includes('HTTP/1.1')]).toEqual([501, false]);
  });

  it('by a client that resets its connection leaves the service as it was', async () => {
    const { hostname, port } = new URL(service.url);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n');
      socket.resetAndDestroy();
    }

    expect((await exchange(rawRequest('/health/live', []))).status).toBe(200);
  });
});

describe.each(['CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 'NONSENSE\r\n\r\n'])('after %j', (request) => {
  it('the connection ends although the client keeps its side open', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.write(request);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const more = setInterval(() => socket.write('more'), 10);

    socket.resume();
    await closed;

    clearInterval(more);
  });
});

describe('a request for * instead of a path', () => {
  it('is answered with all methods there are, for OPTIONS', async () => {
    const { status, head, body } = await exchange(rawRequest('*', [], 'OPTIONS'));

    expect([status, body]).toEqual([204, '']);
    expect(head).toContain('allow: delete, get, head, options, patch, post, put');
  });

  it.each(['GET', 'POST', 'DELETE'])('is malformed for %s', async (method) => {
    const { status, body } = await exchange(rawRequest('*', [], method));

    expect([status, JSON.parse(body)]).toEqual([
      400,
      expect.objectContaining({ type: 'urn:musubi:problem:malformed' }),
    ]);
  });
});

describe('a request line with scheme and host', () => {
  it.each([
    ['GET', 'http://localhost/health/live', 200],
    ['GET', 'HTTP://example.org/health/live', 200],
    ['PUT', 'http://localhost/v1/agents', 405],
    ['GET', 'http://localhost/v1/nowhere', 404],
    ['GET', 'http://localhost', 404],
    ['GET', 'http://localhost?a=/health/live', 404],
    ['OPTIONS', 'http://localhost/v1/agents', 204],
  ])('is answered as its path is: %s %s', async (method, target, status) => {
    expect((await exchange(rawRequest(target, [], method))).status).toBe(status);
  });

  it('names the host in place of the header', async () => {
    const lab = await openService({ LAB: '1' });
    try {
      const foreign = await exchangeWith(lab.url, rawRequest('http://example.org/health/live', []));
      const own = await exchangeWith(lab.url, rawRequest('http://localhost/health/live', []));

      expect([foreign.status, own.status]).toEqual([403, 200]);
    } finally {
      await lab.close();
    }
  });
});

describe('a Host header', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:3000', 200],
    ['my_host.example.', 200],
    ['192.0.2.1:80', 200],
    ['[2001:db8::1]:80', 200],
    ['', 200],
    ['a b', 400],
    ['a,b:80', 200],
    ['a/b', 400],
    ['user@a', 400],
    ['a:b', 400],
    ['[::1', 400],
    ['a\u00e9', 400],
  ])('of %j is answered with %i', async (host, status) => {
    const request = rawRequest('/health/live', []).replace('host: localhost', `host: ${host}`);

    expect((await exchange(request)).status).toBe(status);
  });
});

describe('a transfer coding', () => {
  it.each([
    ['chunked', 422],
    ['Chunked', 422],
    ['gzip, chunked', 501],
  ])('%s is answered with %i', async (coding, status) => {
    const headers = ['content-type: application/json', `transfer-encoding: ${coding}`];
    const request = `${rawRequest('/v1/agents', headers, 'POST')}2\r\n{}\r\n0\r\n\r\n`;

    expect((await exchange(request)).status).toBe(status);
  });
});

describe('an upgrade', () => {
  it.each(['websocket', 'h2c', 'TLS/1.0, HTTP/1.1', 'anything'])(
    'to %s is ignored: the request is answered over HTTP/1.1',
    async (protocol) => {
      const headers = ['connection: upgrade, close', `upgrade: ${protocol}`];

      const { status, head } = await exchange(
        rawRequest('/health/live', headers).replace('connection: close\r\n', ''),
      );

      expect([status, head.startsWith('http/1.1 200')]).toEqual([200, true]);
    },
  );

  it('with a body is answered as the body says', async () => {
    const answer = await exchange(
      'POST /v1/agents HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n' +
        'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    );

    expect(answer.status).toBe(422);
  });
});

describe('a problem', () => {
  const SECRET = 'canary4711';
  const json = (body: string) => ({ method: 'POST', body });

  it.each([
    ['an unknown path', `/v1/${SECRET}?token=${SECRET}`, 404, {}],
    ['an unknown page', `/docs/${SECRET}?${SECRET}`, 404, {}],
    ['a path that is no UTF-8', `/v1/agents/%ff?token=${SECRET}`, 400, {}],
    ['a path segment too long', `/v1/agents/${SECRET.repeat(30)}`, 400, {}],
    ['a strategy', `/v1/strategies/${SECRET}`, 404, {}],
    ['a value in a query', `/health/live?token=${SECRET}`, 422, {}],
    ['a malformed body', '/v1/agents', 400, json(`{"a": ${SECRET}`)],
    ['a member named __proto__', '/v1/agents', 400, json(`{"__proto__": "${SECRET}"}`)],
    ['a value', '/v1/agents', 422, json(`{"nickname": "${SECRET}\\u0000"}`)],
    ['a passphrase', '/v1/sessions', 422, json(`{"agent": "${SECRET}", "passphrase": "${SECRET}"}`)],
    ['a content type', '/v1/agents', 415, { ...json('x'), headers: { 'content-type': `text/${SECRET}` } }],
    ['an encoding', '/v1/agents', 415, { ...json('{}'), headers: { 'content-encoding': SECRET } }],
    ['a method', `/v1/${SECRET}?${SECRET}`, 404, { method: 'PATCH' }],
  ])('repeats nothing that came with the request: %s', async (_, path, status, options) => {
    const answer = await new Client(service.url).request(path, options);

    expect([answer.status, (await answer.text()).includes(SECRET)]).toEqual([status, false]);
    expect([...answer.headers.values()].join()).not.toContain(SECRET);
  });
});
