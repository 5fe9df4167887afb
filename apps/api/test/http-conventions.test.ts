import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type RawAnswer, exchangeWith, rawRequest } from './support/raw-exchange.js';
import { type TestService, openService } from './support/open-service.js';

const MESSAGES = '/v1/strategies/source-chain/messages';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
});

afterAll(() => service.close());

const exchange = (request: string): Promise<RawAnswer> => exchangeWith(service.url, request);

describe('a path that is known', () => {
  it.each([
    ['PUT', MESSAGES, 'GET, HEAD, OPTIONS, POST'],
    ['PATCH', '/v1/agents', 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/v1/sessions/current', 'DELETE, OPTIONS'],
    ['HEAD', '/v1/sessions/current', 'DELETE, OPTIONS'],
    ['POST', '/health/live', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v1/strategies', 'GET, HEAD, OPTIONS'],
    ['POST', `${MESSAGES}/x`, 'DELETE, GET, HEAD, OPTIONS'],
  ])('answers %s %s with 405 and the methods that it has', async (method, path, allow) => {
    const answer = await client.request(path, { token: alice.token, method });

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    if (method === 'HEAD') return;
    expect(await answer.json()).toMatchObject({ type: 'urn:musubi:problem:method-not-allowed', status: 405 });
  });

  it('answers a method without a body of JSON before it is read', async () => {
    const answer = await client.request(MESSAGES, { method: 'PUT', body: '{"a":' });

    expect(answer.status).toBe(405);
  });

  it('answers OPTIONS with the methods that it has', async () => {
    const answer = await client.request(MESSAGES, { method: 'OPTIONS' });

    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
  });

  it('answers HEAD as GET, without a body', async () => {
    const answer = await client.request('/v1/strategies', { method: 'HEAD' });

    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});

it.each(['OPTIONS', 'PUT', 'GET'])('an unknown path answers %s with 404', async (method) => {
  expect((await client.request('/v1/nowhere', { method })).status).toBe(404);
});

describe('the authorization', () => {
  it.each(['Bearer', 'bearer', 'BEARER'])('may name its scheme as %s', async (scheme) => {
    const answer = await client.request(MESSAGES, { headers: { authorization: `${scheme} ${alice.token}` } });

    expect(answer.status).toBe(200);
  });

  it('is refused when it is there twice', async () => {
    const one = (token: string): string => `authorization: Bearer ${token}`;

    const { status, body } = await exchange(rawRequest(MESSAGES, [one(alice.token), one(bob.token)]));

    expect([status, body]).toEqual([400, expect.stringContaining('urn:musubi:problem:malformed')]);
  });
});

describe('a number in a query', () => {
  it.each(['1e2', '%205', '5%20', '%2B5', '0x10', '05', '1.0', '-1', '', '5&limit=5', '٥', '1_0'])(
    'is refused as %s',
    async (limit) => {
      const answers = await Promise.all(
        [`${MESSAGES}?`, '/v1/agents?', '/v1/clones?', '/v1/strategies/source-chain/conversations?'].map(
          (path) => client.request(`${path}limit=${limit}`, { token: alice.token }),
        ),
      );

      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    },
  );

  it.each(['1', '50', '200'])('is taken as %s', async (limit) => {
    expect((await client.request(`${MESSAGES}?limit=${limit}`, { token: alice.token })).status).toBe(200);
  });
});

describe('what the HTTP layer refuses', () => {
  it.each([
    ['what is not HTTP', 'NONSENSE\r\n\r\n', 400, 'malformed'],
    [
      'a header too large',
      rawRequest('/health/live', [`x: ${'a'.repeat(20_000)}`]),
      431,
      'headers-too-large',
    ],
    ['HTTP/1.1 without a host', 'GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'malformed'],
    ['an expectation', rawRequest('/health/live', ['expect: the-impossible']), 417, 'expectation-failed'],
    [
      'two lengths',
      rawRequest('/v1/agents', ['content-length: 1', 'content-length: 2'], 'POST'),
      400,
      'malformed',
    ],
  ])('is a problem: %s', async (_, request, status, code) => {
    const answer = await exchange(request);

    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      expect.objectContaining({ type: `urn:musubi:problem:${code}`, status }),
    ]);
    expect(answer.head).toContain('content-type: application/problem+json');
  });
});

describe('the headers of answers', () => {
  it.each([
    ['a page', MESSAGES, 200],
    ['a problem', '/v1/nowhere', 404],
    ['a path that is no UTF-8', '/v1/%ff', 400],
    ['a probe', '/health/live', 200],
  ])('keep %s out of caches and frames', async (_, path, status) => {
    const { status: answered, headers } = await client.request(path, { token: alice.token });

    expect([answered, headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      status,
      'no-store',
      'nosniff',
    ]);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it.each(['/docs', '/docs/swagger-ui-init.js'])(
    'let %s run its own scripts only, in no frame',
    async (path) => {
      const { status, headers } = await client.request(path);

      expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    },
  );
});
