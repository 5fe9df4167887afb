import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import { type Agent, Client, type RequestOptions } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const CANARY = 'canary4711';
const MESSAGES = '/v1/strategies/source-chain/messages';
const NODE_SECRET = `${'n0de-secret_'.repeat(4).slice(0, 42)}A`;

let service: TestService;
let alice: Agent;
let bob: Agent;

/** Every request that carries the canary is refused, or finds nothing: each for another reason. */
const requests: readonly (readonly [string, string, () => RequestOptions])[] = [
  ['malformed JSON', MESSAGES, () => ({ body: `{"to": ${CANARY}` })],
  ['JSON with __proto__', MESSAGES, () => ({ body: `{"__proto__": "${CANARY}"}` })],
  ['another type', MESSAGES, () => ({ body: CANARY, headers: { 'content-type': `text/${CANARY}` } })],
  ['a body too large', MESSAGES, () => ({ body: { to: CANARY.repeat(50_000) } })],
  [
    'a recipient that is none',
    MESSAGES,
    () => ({ body: { to: CANARY, payload: { type: 'text', text: CANARY } } }),
  ],
  ['a field that nobody knows', MESSAGES, () => ({ body: { [CANARY]: CANARY } })],
  ['a query', `${MESSAGES}?before=${CANARY}`, () => ({})],
  ['a search', `/v1/agents?search=${CANARY}`, () => ({})],
  ['the query of an unknown path', `/v1/nowhere?token=${CANARY}`, () => ({})],
  ['the query of a path that is no UTF-8', `/v1/agents/%ff?token=${CANARY}`, () => ({})],
  ['a token', MESSAGES, () => ({ headers: { authorization: `Bearer ${CANARY}` } })],
  ['a wrong passphrase', '/v1/sessions', () => ({ body: { agent: alice.agent, passphrase: CANARY } })],
  ['an Idempotency-Key', MESSAGES, () => ({ body: {}, headers: { 'idempotency-key': CANARY } })],
  ['a preference', MESSAGES, () => ({ headers: { prefer: CANARY } })],
  ['a nickname', '/v1/agents', () => ({ body: { nickname: CANARY } })],
];

beforeAll(async () => {
  service = await openService({ NODE_SECRET });
  const client = new Client(service.url);
  alice = await client.newAgent('alice', 'correct horse battery staple');
  bob = await client.newAgent('bob');
  for (const [, path, options] of requests) {
    await (await client.request(path, { token: alice.token, ...options() })).arrayBuffer();
  }
  // The log of one request may follow its answer: the last one's tells that all are there.
  await client.send('source-chain', alice, bob);
});

afterAll(() => service.close());

describe('the log at its most talkative', () => {
  it('tells of every request', async () => {
    await until(() => {
      const answered = service.log().match(/request completed|"statusCode":4/g) ?? [];
      expect(answered.length).toBeGreaterThanOrEqual(requests.length);
      return Promise.resolve();
    });
  });

  it.each(requests)('says nothing of what came in %s', async (_, path, options) => {
    const client = new Client(service.url);
    const before = service.log().length;

    await (await client.request(path, { token: alice.token, ...options() })).arrayBuffer();
    await client.send('source-chain', alice, bob);

    expect(service.log().slice(before)).not.toContain(CANARY);
  });

  it('names the route of a request, and no peer and no message', async () => {
    const client = new Client(service.url);
    const { id } = await client.send('pairwise-dht', alice, bob);
    const before = service.log().length;

    await client.request(`/v1/clones/${bob.agent}`, { token: alice.token });
    await client.request(`/v1/strategies/pairwise-dht/messages/${id}`, { token: alice.token });
    await client.request(`/v1/agents/${bob.agent}`, { token: alice.token, method: 'PUT' });
    await client.send('source-chain', alice, bob);

    const log = await until(() => {
      const lines = service.log().slice(before);
      expect(lines).toContain('"route":"/v1/strategies/pairwise-dht/messages/:message"');
      return Promise.resolve(lines);
    });
    expect([log.includes(bob.agent), log.includes(id)]).toEqual([false, false]);
  });

  it('has no error that nobody designed', () => {
    expect(service.log()).not.toContain('"level":50');
  });

  it.each([
    ['the node’s secret', () => NODE_SECRET],
    ['the token of an attended agent', () => alice.token],
    ['the token of an unattended agent', () => bob.token],
  ])('says nothing of %s', (_, secret) => {
    expect(service.log()).not.toContain(secret());
  });
});

describe('what is stored', () => {
  it('does not tell the node’s secret', async () => {
    const { dataSource } = service.database;
    const dumps = await Promise.all(
      dataSource.entityMetadatas.map(({ tableName }) =>
        dataSource.query<{ dump: string }[]>(`select t::text as dump from "${tableName}" t`),
      ),
    );
    const text = dumps
      .flat()
      .map(({ dump }) => dump)
      .join('\n');
    const raw = Buffer.from(NODE_SECRET, 'base64url').toString('hex');

    expect([text.length > 0, text.includes(NODE_SECRET), text.includes(raw)]).toEqual([true, false, false]);
  });
});
