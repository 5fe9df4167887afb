import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseAgentPubKey, parseTimestamp } from '@musubi/messaging';
import { Admission } from '../src/access/admission.js';
import { type CallerRequest } from '../src/access/access.js';
import { networkOf } from '../src/http/caller-address.js';
import { type Identity } from '../src/access/identity.js';
import { isNestedDeeper } from '../src/http/nesting.js';
import { trustedProxies } from '../src/config/trusted-proxies.js';
import { type Session } from '../src/sessions/session.js';
import { WorkBudget } from '../src/access/work-budget.js';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const agent = parseAgentPubKey(`${'b'.repeat(42)}A`);

const MEBIBYTE = 1_048_576;

const session: Session = {
  ...{ id: 'session', agent, seq: 1, isAttended: false },
  ...{ createdAt: parseTimestamp(0), usedAt: parseTimestamp(0) },
};

/** Requests of one address, and how many tokens were looked up; `good` is the only token there is. */
function gate(rateLimitPerSecond: number): {
  readonly ask: (token: string | null, url?: string) => Promise<string>;
  readonly lookedUp: () => number;
  /** Asks, and is sent that many bytes. */
  readonly read: (token: string | null, url: string, bytes: number, method?: string) => Promise<string>;
} {
  let lookedUp = 0;
  const identity = {
    tokenOf: ({ headers }: CallerRequest) => headers.authorization ?? null,
    identify: (request: CallerRequest, token: string) => {
      lookedUp += 1;
      if (token === 'good') request.caller = { agent, network: '192.0.2.1', token, session };
      return Promise.resolve();
    },
  };
  const config = { rateLimitPerSecond };
  const admission = new Admission(config, identity as unknown as Identity, new WorkBudget(config));
  const read: ReturnType<typeof gate>['read'] = async (token, url, bytes, method = 'GET') => {
    const headers = token === null ? {} : { authorization: token };
    const parts = { ip: '192.0.2.1', url, method, headers, routeOptions: { url } };
    const request = parts as unknown as CallerRequest;
    try {
      await admission.admit(request);
      await admission.chargeBytes(request, bytes);
      return 'admitted';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const ask = (token: string | null, url = '/v1/strategies'): Promise<string> => read(token, url, 0);
  return { ask, read, lookedUp: () => lookedUp };
}

describe('admission', () => {
  // No second passes between the requests of a test.
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('looks up no token once the network has used up its budget', async () => {
    const { ask, lookedUp } = gate(50);

    const answers: string[] = [];
    for (let time = 0; time < 500; time += 1) answers.push(await ask(`unknown ${time}`));

    expect(answers.filter((answer) => answer === 'rate-limited').length).toBeGreaterThanOrEqual(400);
    expect(lookedUp()).toBeLessThanOrEqual(100);
  });

  it('admits whose token was good before, though strangers have used up its network', async () => {
    const { ask } = gate(50);
    await ask('good');
    for (let time = 0; time < 60; time += 1) await ask(`unknown ${time}`);

    expect([await ask(null), await ask('good')]).toEqual(['rate-limited', 'admitted']);
  });

  it('takes nothing of its network’s budget for a good token', async () => {
    const { ask } = gate(10);
    for (let time = 0; time < 10; time += 1) await ask('good');

    expect([await ask('good'), await ask(null)]).toEqual(['rate-limited', 'admitted']);
  });

  it('takes more points for what costs more', async () => {
    const { ask } = gate(10);
    const answers: string[] = [];
    for (let time = 0; time < 10; time += 1) {
      answers.push(await ask('good', '/v1/strategies/:strategy/messages'));
    }

    expect(answers.filter((answer) => answer === 'admitted')).toHaveLength(5);
  });

  it.each(['messages', 'pins'])(
    'refuses %s to a caller that has read a second’s bytes, and nothing else',
    async (list) => {
      const { ask, read } = gate(200);
      const page = `/v1/strategies/:strategy/${list}`;
      const answers: string[] = [];
      for (let time = 0; time < 6; time += 1) answers.push(await read('good', page, MEBIBYTE));

      // At 128 points each, and one to begin: the second is paid from the next second.
      expect(answers).toEqual([
        ...Array<string>(2).fill('admitted'),
        ...Array<string>(4).fill('rate-limited'),
      ]);
      expect([await ask('good'), await ask(null)]).toEqual(['admitted', 'admitted']);
    },
  );

  it('takes HEAD for what it is: all the work of GET', async () => {
    const { read } = gate(10);
    const page = '/v1/strategies/:strategy/conversations';
    const answers: string[] = [];
    for (let time = 0; time < 3; time += 1) answers.push(await read('good', page, 0, 'HEAD'));
    const other = gate(200);
    await other.read('good', page, 2 * MEBIBYTE, 'HEAD');

    expect(answers).toEqual(['admitted', 'admitted', 'rate-limited']);
    expect(await other.read('good', page, 0)).toBe('rate-limited');
  });

  it('charges for other answers by bytes as well, from the points for requests', async () => {
    const { ask, read } = gate(10);
    await read('good', '/v1/strategies/:strategy', 9 * 8192);
    await read(null, '/openapi.json', 9 * 8192);

    expect([await ask('good'), await ask(null)]).toEqual(['rate-limited', 'rate-limited']);
  });

  it('admits a page of any size to a caller with a point left', async () => {
    const { read } = gate(5);

    expect(await read('good', '/v1/strategies/:strategy/messages', 64 * MEBIBYTE)).toBe('admitted');
  });

  it('does not count probes', async () => {
    const { ask } = gate(1);
    for (let time = 0; time < 10; time += 1) expect(await ask(null, '/health/live')).toBe('admitted');
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('a proxy', () => {
  const trust = trustedProxies({
    trustedProxies: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'],
    proxyHops: 0,
  });

  it.each([
    ['10.9.8.7', true],
    ['::ffff:10.9.8.7', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['not an address', false],
  ])('at %s is believed: %p', (address, isBelieved) => {
    expect(trust(address, 0)).toBe(isBelieved);
  });
});

describe('nesting', () => {
  it.each([
    ['[]', 1, false],
    ['[[]]', 1, true],
    ['[{"a":[]}]', 2, true],
    ['[[],[],[]]', 2, false],
    ['["[[[[", "]]]]"]', 1, false],
    ['["\\"[[", []]', 2, false],
    ['["\\\\", [[]]]', 2, true],
    ['"unfinished [[[[', 1, false],
  ])('of %s exceeds %p: %p', (json, most, isDeeper) => {
    expect(isNestedDeeper(Buffer.from(json), most)).toBe(isDeeper);
  });
});

describe('a body', () => {
  let service: TestService;
  let client: Client;
  const statusOf = async (path: string, body: string): Promise<number> =>
    (await client.request(path, { body })).status;

  beforeAll(async () => {
    service = await openService({ RATE_LIMIT_PER_SECOND: '100', TRUSTED_PROXIES: '127.0.0.0/8' });
    client = new Client(service.url);
  });

  afterAll(() => service.close());

  it.each(['/v1/agents', '/v1/sessions'])('is refused at %s beyond 8 KiB', async (path) => {
    expect(await statusOf(path, `{"nickname":"${'x'.repeat(8192)}"}`)).toBe(413);
    expect(await statusOf(path, `{"nickname":${'['.repeat(380_000)}`)).toBe(413);
  });

  it('is refused when it is nested more than 64 deep, wherever it is taken', async () => {
    const deep = (depth: number): string => `{"nickname":${'['.repeat(depth)}${']'.repeat(depth)}}`;

    const detailOf = async (path: string, body: string, token?: string): Promise<string> => {
      const options = { body, status: 422, ...(token === undefined ? {} : { token }) };
      return (await client.get('problem', path, options)).detail;
    };
    expect(await detailOf('/v1/agents', deep(63))).toContain('schema');
    expect(await detailOf('/v1/agents', deep(64))).toContain('nested');
    const { token } = await client.newAgent('alice');
    const messages = '/v1/strategies/source-chain/messages';
    expect(await detailOf(messages, deep(190_000), token)).toContain('nested');
  });

  it('is charged to its sender by its bytes, also where it is refused', async () => {
    const { token } = await client.newAgent('bob');
    const body = { to: 'nobody', payload: { type: 'text', text: 'x'.repeat(380_000) } };
    const refused = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.request('/v1/strategies/source-chain/messages', { token, body }),
      ),
    );

    // At 46 points each, of 100 in a second. Those that come when the ones before are charged are not read.
    const statuses = refused.map(({ status }) => status);
    expect(statuses.filter((status) => ![422, 429].includes(status))).toEqual([]);
    expect(statuses.filter((status) => status === 422).length).toBeGreaterThanOrEqual(3);
    expect((await client.request('/v1/strategies', { token })).status).toBe(429);
  });

  it.each(['/none', '/health/none'])('is not read at %s, where nothing is', async (path) => {
    expect(await statusOf(path, '{not JSON')).toBe(404);
  });

  it('is not read once its sender asks too much, and is of another behind the same proxy', async () => {
    const body = '{not JSON';
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => client.request('/v1/agents', { body, headers })),
    );
    const other = { 'x-forwarded-for': '192.0.2.2' };

    // At four points each, 25 fit into a second; what is read is malformed.
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400, 429]));
    expect((await client.request('/v1/agents', { body, headers: other })).status).toBe(400);
  });
});
