import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const MAX_TEXT_BYTES = 65_536;

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
});

afterAll(() => service.close());

const MESSAGES = '/v1/strategies/source-chain/messages';
const random = (): string => toBase64Url(randomBytes(32));
const message = (text: unknown, to: unknown = bob.agent): object => ({ to, payload: { type: 'text', text } });
const cursorWith = (change: (cursor: string) => string) => async (): Promise<string> => {
  for (let index = 0; index < 2; index += 1) await client.send('source-chain', alice, bob);
  const { next } = await client.get('messages', `${MESSAGES}?limit=1`, { token: alice.token });
  return `${MESSAGES}?before=${change(next ?? '')}`;
};

describe('the service', () => {
  it('names the field that is wrong', async () => {
    const body = message('hi', 'bob');

    const { errors } = await client.get('problem', MESSAGES, { token: alice.token, body, status: 422 });

    expect(errors).toEqual([{ path: 'to', message: expect.stringContaining('32 bytes') }]);
  });

  it('tells how to authenticate', async () => {
    expect((await client.request(MESSAGES)).headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses a cursor in which any character was changed', async () => {
    const path = await cursorWith((cursor) => cursor)();
    const cursor = new URL(path, service.url).searchParams.get('before') ?? '';
    for (const at of [0, 20, 60, cursor.length - 1]) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
      const answer = await client.request(`${MESSAGES}?before=${changed}`, { token: alice.token });
      expect(answer.status).toBe(422);
    }
  });

  it.each([
    ['plain', 'a'.repeat(MAX_TEXT_BYTES)],
    ['multi-byte', 'ü'.repeat(MAX_TEXT_BYTES / 2)],
    ['control characters, six bytes of JSON each', '\u0001'.repeat(MAX_TEXT_BYTES)],
  ])('takes a text of exactly 64 KiB (%s)', async (_, text) => {
    expect((await client.send('source-chain', alice, bob, { text })).payload.text).toBe(text);
  });

  it('refuses an Idempotency-Key that came with another body before, and writes nothing', async () => {
    const headers = { 'idempotency-key': random() };
    await client.deliver('source-chain', alice, bob, { text: 'one', headers });
    await service.untilCarried();
    const before = await service.rows();

    const options = { token: alice.token, headers, body: message('another'), status: 409 };
    const problem = await client.get('problem', MESSAGES, options);

    expect(problem.type).toBe('urn:musubi:problem:idempotency-key-reused');
    expect(await service.rows()).toBe(before);
  });

  it('refuses a wrong passphrase, and an unknown agent, with the same answer', async () => {
    const carol = await client.newAgent('carol', 'correct horse');
    const wrong = { agent: carol.agent, passphrase: 'wrong horse' };
    const unknown = { agent: random(), passphrase: 'wrong horse' };

    const answers = await Promise.all(
      [wrong, unknown].map((body) => client.get('problem', '/v1/sessions', { body, status: 401 })),
    );

    expect(answers[0]).toEqual(answers[1]);
  });

  it('refuses the clone beyond the limit as a conflict, and writes nothing', async () => {
    const small = await openService({ CLONE_LIMIT: '1' });
    const there = new Client(small.url);
    const [ann, ben, cas] = [
      await there.newAgent('ann'),
      await there.newAgent('ben'),
      await there.newAgent('cas'),
    ];
    await there.deliver('pairwise-dht', ann, ben);
    await small.untilCarried();
    const before = await small.rows();

    const body = message('hi', cas.agent);
    const path = '/v1/strategies/pairwise-dht/messages';
    const problem = await there.get('problem', path, { token: ann.token, body, status: 409 });

    expect(problem.type).toBe('urn:musubi:problem:clone-limit-reached');
    expect(await small.rows()).toBe(before);
    await small.close();
  });

  it('limits how often an agent may call, and says when it may again', async () => {
    const slow = await openService({ RATE_LIMIT_PER_SECOND: '5' });
    const there = new Client(slow.url);
    const dave = await there.newAgent('dave');

    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => there.request('/v1/agents', { token: dave.token })),
    );
    const seconds = Math.ceil((performance.now() - begun) / 1000);

    const limited = answers.filter(({ status }) => status === 429);
    // At two points each, there are two for a second that has begun.
    expect(answers.length - limited.length).toBeLessThanOrEqual(2 * (seconds + 1));
    expect(limited[0]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await limited[0]?.json()).toMatchObject({
      type: 'urn:musubi:problem:rate-limited',
      retryable: true,
    });
    await slow.close();
  });
});
