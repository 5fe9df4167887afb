import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Agent, Client, type RequestOptions } from '../apps/api/test/support/client.js';
import { type TestService, openService } from '../apps/api/test/support/open-service.js';

const responseSchema = z.object({
  content: z.object({
    'application/problem+json': z.object({
      schema: z.object({
        allOf: z.tuple([
          z.object({ $ref: z.literal('#/components/schemas/Problem') }),
          z.object({ properties: z.object({ type: z.object({ enum: z.array(z.string()) }) }) }),
        ]),
      }),
    }),
  }),
});
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.object({ schemas: z.object({ Problem: z.object({ required: z.array(z.string()) }) }) }),
});
type Document = z.infer<typeof documentSchema>;

const MESSAGES = '/v1/strategies/{strategy}/messages';
const STRANGE = 'A'.repeat(43);

let service: TestService;
let client: Client;
let document: Document;
let alice: Agent;
let bob: Agent;
let filled: (path: string) => string;

beforeAll(async () => {
  service = await openService({ CLONE_LIMIT: '2', AGENTS_PER_DAY: '6' });
  client = new Client(service.url);
  document = documentSchema.parse(await (await client.request('/openapi.json')).json());
  [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob', 'correct horse')];
  const { id } = await client.send('source-chain', bob, alice);
  filled = (path) =>
    path
      .replace('{strategy}', 'source-chain')
      .replace('{message}', id)
      .replace(/\{(session|upload)\}/, 'A'.repeat(22))
      .replace(/\{\w+\}/, STRANGE);
});

afterAll(() => service.close());

/** The codes that the document has for a call, by their status. */
function declared(call: string): Readonly<Record<string, readonly string[]>> {
  const [method = '', path = ''] = call.split(' ');
  const { responses = {} } = document.paths[path]?.[method.toLowerCase()] ?? {};
  const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400);
  const codes = refusals.map(([status, response]) => {
    const { content } = responseSchema.parse(response);
    const { type } = content['application/problem+json'].schema.allOf[1].properties;
    return [status, type.enum.map((name) => name.replace('urn:musubi:problem:', ''))] as const;
  });
  return Object.fromEntries(codes);
}

const problemSchema = z.object({ type: z.string(), status: z.number() });

/** What a request is refused with, after a check that its call declares that. */
async function refusal(call: string, options: RequestOptions = {}, path?: string): Promise<string> {
  const [method = '', template = ''] = call.split(' ');
  const answer = await client.request(path ?? filled(template), { method, ...options });
  if (answer.status >= 400)
    return method === 'HEAD' ? statusDeclared(call, answer) : codeDeclared(call, answer);
  await answer.body?.cancel();
  return String(answer.status);
}

/** An answer to HEAD has no body, and so tells no more than its status. */
function statusDeclared(call: string, { status }: Response): string {
  expect([call, Object.keys(declared(call))]).toEqual([call, expect.arrayContaining([String(status)])]);
  return String(status);
}

async function codeDeclared(call: string, answer: Response): Promise<string> {
  const { type, status } = problemSchema.parse(await answer.json());
  const code = type.replace('urn:musubi:problem:', '');
  expect([call, status, declared(call)[status]]).toEqual([call, status, expect.arrayContaining([code])]);
  return code;
}

const calls = (): readonly string[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

const ENDS_SESSION = ['DELETE /v1/sessions', 'DELETE /v1/sessions/current'];

/** What a call is refused with for tokens, queries and headers that are wrong. */
async function refusalsOf(call: string): Promise<readonly string[]> {
  const [method = '', template = ''] = call.split(' ');
  const { token } = alice;
  const wrong: readonly (readonly [query: string, options: RequestOptions])[] = [
    ['', {}],
    ['', { token }],
    ['', { token: STRANGE }],
    ...['?unknown=1', '?limit=0', '?after=x', '?before=x', '?since=x'].map(
      (query) => [query, { token }] as const,
    ),
    ['', { token, headers: { 'content-encoding': 'gzip' } }],
  ];
  const codes: string[] = [];
  for (const [query, options] of wrong)
    codes.push(await refusal(call, { method, ...options }, filled(template) + query));
  return codes;
}

const WRONG_BODIES = ['{', 'null', '{}', `"${'a'.repeat(500_000)}"`];

/** What a call that writes is refused with for bodies that are wrong, and for a strategy that there is not. */
async function refusalsOfWrites(call: string): Promise<readonly string[]> {
  const [method = '', template = ''] = call.split(' ');
  const { token } = alice;
  const codes: string[] = [];
  for (const body of WRONG_BODIES) codes.push(await refusal(call, { method, token, body }));
  if (!template.includes('{strategy}')) return codes;
  const path = filled(template.replace('{strategy}', 'nowhere'));
  return [...codes, await refusal(call, { method, token }, path)];
}

describe('each operation', () => {
  it('declares the problem document for what every request can be refused with', () => {
    expect(document.components.schemas.Problem.required.sort()).toEqual(
      ['detail', 'retryable', 'status', 'title', 'type'].sort(),
    );
    for (const call of calls()) {
      const { 400: malformed, 422: invalid, 500: internal, 503: unavailable } = declared(call);
      expect([call, malformed, invalid, internal, unavailable]).toEqual([
        call,
        ['malformed'],
        expect.arrayContaining(['invalid']),
        ['internal'],
        ['unavailable'],
      ]);
    }
  });

  it('declares what it answers to requests that are wrong in some way', async () => {
    const refused = new Set<string>();
    for (const call of calls().filter((call) => !ENDS_SESSION.includes(call))) {
      for (const code of await refusalsOf(call)) refused.add(code);
      if (!/^(GET|HEAD) /.test(call)) for (const code of await refusalsOfWrites(call)) refused.add(code);
    }

    const expected = [
      ...['malformed', 'invalid', 'invalid-cursor', 'unauthenticated', 'unsupported-media-type'],
      ...['payload-too-large', 'unknown-strategy', 'unknown-agent', 'session-not-found', 'clone-not-found'],
      ...['contact-not-found', 'block-not-found', 'upload-unknown'],
    ];
    expect(expected.filter((code) => !refused.has(code))).toEqual([]);
  });
});

describe('a call declares what it refuses by its own rules', () => {
  const send = (
    to: string,
    strategy: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const body = { to, payload: { type: 'text', text: 'x' } };
    return refusal(
      `POST ${MESSAGES}`,
      { token: alice.token, body, headers },
      `/v1/strategies/${strategy}/messages`,
    );
  };

  it('sending', async () => {
    const carol = await client.newAgent('carol');
    const dave = await client.newAgent('dave');
    const key = { 'idempotency-key': 'used' };

    expect(await send(STRANGE, 'source-chain')).toBe('unknown-recipient');
    expect([
      await send(carol.agent, 'source-chain', key),
      await send(dave.agent, 'source-chain', key),
    ]).toEqual(['201', 'idempotency-key-reused']);
    expect([
      await send(carol.agent, 'pairwise-dht'),
      await send(dave.agent, 'pairwise-dht'),
      await send(bob.agent, 'pairwise-dht'),
    ]).toEqual(['201', '201', 'clone-limit-reached']);
    const { token } = alice;
    const disable = { token, body: { enabled: false } };
    expect(await refusal('PUT /v1/clones/{peer}', disable, `/v1/clones/${carol.agent}`)).toBe('200');
    expect(await send(carol.agent, 'pairwise-dht')).toBe('clone-disabled');
  });

  it('receipts and deleted messages', async () => {
    const { token } = alice;
    const { id } = await client.deliver('source-chain', alice, bob);
    const body = { status: 'read', messages: [id] };
    const one = filled(MESSAGES).concat('/', id);

    expect(await refusal('POST /v1/strategies/{strategy}/receipts', { token, body })).toBe('not-recipient');
    const retry = `POST ${MESSAGES}/{message}/retry`;
    expect(await refusal(retry, { token: bob.token }, `${one}/retry`)).toBe('caller-not-author');
    expect(await refusal(`DELETE ${MESSAGES}/{message}`, { token }, one)).toBe('204');
    for (const call of [`GET ${MESSAGES}/{message}`, `DELETE ${MESSAGES}/{message}`])
      expect(await refusal(call, { token }, one)).toBe('message-deleted');
    expect(await refusal(retry, { token }, `${one}/retry`)).toBe('message-deleted');
    expect(await refusal(`GET ${MESSAGES}`, { token }, `${filled(MESSAGES)}?around=${STRANGE}`)).toBe(
      'message-not-found',
    );
  });

  it('signing in, and making more agents than a day has', async () => {
    const body = { agent: bob.agent, passphrase: 'wrong' };

    expect(await refusal('POST /v1/sessions', { body })).toBe('unauthenticated');
    for (const nickname of ['erin', 'frank']) await client.newAgent(nickname);
    expect(await refusal('POST /v1/agents', { body: { nickname: 'grace' } })).toBe('rate-limited');
  });
});
