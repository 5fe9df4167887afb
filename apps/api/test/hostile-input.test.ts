import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCanonical, randomBytes, toBase64Url } from '@musubi/crypto';
import { type Agent, Client, type RequestOptions } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const MESSAGES = '/v1/strategies/source-chain/messages';
const RECEIPTS = '/v1/strategies/source-chain/receipts';

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;
let received: string;
let written: string;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
  received = (await client.deliver('source-chain', bob, alice)).id;
  written = (await client.deliver('source-chain', alice, bob)).id;
  await service.untilCarried();
});

afterAll(() => service.close());

const random = (): string => toBase64Url(randomBytes(32));
const json = (body: object): RequestOptions => ({ body });
const text = (payload: unknown): RequestOptions => json({ to: bob.agent, payload });
const directoryCursor = (nickname: string): string => toBase64Url(encodeCanonical([nickname, alice.agent]));

type Wrong = readonly [string, number, string, () => string, () => RequestOptions];
const none = (): RequestOptions => ({});

const wrongAddresses: readonly Wrong[] = [
  ['a path that is no UTF-8', 400, 'malformed', () => '/v1/agents/%E0%A4%A', none],
  ['a path segment without end', 400, 'malformed', () => `/v1/agents/${'a'.repeat(500)}`, none],
  [
    'a method that a path does not have',
    405,
    'method-not-allowed',
    () => MESSAGES,
    () => ({ method: 'PUT' }),
  ],
  [
    'a strategy named as a property of all objects',
    404,
    'unknown-strategy',
    () => '/v1/strategies/__proto__',
    none,
  ],
  ['a search for a null character', 422, 'invalid', () => '/v1/agents?search=%00', none],
  ['a search that is too long', 422, 'invalid', () => `/v1/agents?search=${'a'.repeat(65)}`, none],
  ['a cursor of the directory that is none', 422, 'invalid-cursor', () => '/v1/agents?after=nonsense', none],
  [
    'a forged cursor of the directory with a null character',
    422,
    'invalid-cursor',
    () => `/v1/agents?after=${directoryCursor('a\0')}`,
    none,
  ],
  ['a day before 1970', 422, 'invalid', () => `${MESSAGES}?on=1969-12-31`, none],
  ['a day beyond what microseconds can count', 422, 'invalid', () => `${MESSAGES}?on=9999-12-31`, none],
  ['a day that is a moment', 422, 'invalid', () => `${MESSAGES}?on=2026-11-23T00:00:00Z`, none],
  ['a zone that there is not', 422, 'invalid', () => `${MESSAGES}?on=2026-11-23&zone=Mars/Tharsis`, none],
  ['a zone that is a moment', 422, 'invalid', () => `${MESSAGES}?on=2026-11-23&zone=2026-11-23T00:00Z`, none],
  ['a zone without a day', 422, 'invalid', () => `${MESSAGES}?zone=Europe/Berlin`, none],
  ['a limit below none', 422, 'invalid', () => `${MESSAGES}?limit=-1`, none],
  ['a limit of a half', 422, 'invalid', () => `${MESSAGES}?limit=1.5`, none],
  ['a limit twice', 422, 'invalid', () => `${MESSAGES}?limit=1&limit=2`, none],
  ['a parameter that nobody knows', 422, 'invalid', () => `${MESSAGES}?sort=asc`, none],
  [
    'a page around a message that there is not',
    404,
    'message-not-found',
    () => `${MESSAGES}?around=${random()}`,
    none,
  ],
  ['a day and a message at once', 422, 'invalid', () => `${MESSAGES}?on=2026-11-23&around=${random()}`, none],
  [
    'a cursor of conversations that is none',
    422,
    'invalid-cursor',
    () => '/v1/strategies/source-chain/conversations?before=x',
    none,
  ],
];

const wrongBodies: readonly Wrong[] = [
  [
    'a text too deep',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: `${'['.repeat(9999)}${']'.repeat(9999)}` }),
  ],
  ['no body at all', 422, 'invalid', () => MESSAGES, () => ({ method: 'POST' })],
  ['null', 422, 'invalid', () => MESSAGES, () => ({ body: 'null' })],
  ['a payload of another type', 422, 'invalid', () => MESSAGES, () => text({ type: 'poll', text: 'x' })],
  [
    'a payload with a field that nobody knows',
    422,
    'invalid',
    () => MESSAGES,
    () => text({ type: 'text', text: 'x', a: 1 }),
  ],
  [
    'a recipient in standard base64',
    422,
    'invalid',
    () => MESSAGES,
    () => json({ to: `${bob.agent}=`, payload: { type: 'text', text: 'x' } }),
  ],
  ['a batch of no receipts', 422, 'invalid', () => RECEIPTS, () => json({ status: 'read', messages: [] })],
  [
    'a batch of too many receipts',
    422,
    'invalid',
    () => RECEIPTS,
    () => json({ status: 'read', messages: Array.from({ length: 201 }, random) }),
  ],
  [
    'a receipt that only the network may make',
    422,
    'invalid',
    () => RECEIPTS,
    () => json({ status: 'delivered', messages: [received] }),
  ],
  [
    'a batch in which no message can be marked',
    404,
    'message-not-found',
    () => RECEIPTS,
    () => json({ status: 'read', messages: [random(), written] }),
  ],
  [
    'a read receipt by the author',
    403,
    'not-recipient',
    () => RECEIPTS,
    () => json({ status: 'read', messages: [written] }),
  ],
  [
    'a retry by the recipient',
    403,
    'caller-not-author',
    () => `${MESSAGES}/${received}/retry`,
    () => ({ method: 'POST' }),
  ],
  ['an agent without nickname', 422, 'invalid', () => '/v1/agents', () => json({})],
  ['an agent with an empty nickname', 422, 'invalid', () => '/v1/agents', () => json({ nickname: '' })],
  ['an agent with a null character', 422, 'invalid', () => '/v1/agents', () => json({ nickname: 'a\0b' })],
  ['a nickname too long', 422, 'invalid', () => '/v1/agents', () => json({ nickname: 'a'.repeat(65) })],
  [
    'a passphrase too short',
    422,
    'invalid',
    () => '/v1/agents',
    () => json({ nickname: 'a', passphrase: '1234567' }),
  ],
  [
    'an agent that brings its own key',
    422,
    'invalid',
    () => '/v1/agents',
    () => json({ nickname: 'a', agent: random() }),
  ],
  [
    'a session for no agent',
    422,
    'invalid',
    () => '/v1/sessions',
    () => json({ passphrase: 'correct horse' }),
  ],
  [
    'an Idempotency-Key too long',
    400,
    'malformed',
    () => MESSAGES,
    () => ({ ...text({ type: 'text', text: 'x' }), headers: { 'idempotency-key': 'k'.repeat(256) } }),
  ],
  [
    'an empty Idempotency-Key',
    400,
    'malformed',
    () => MESSAGES,
    () => ({ ...text({ type: 'text', text: 'x' }), headers: { 'idempotency-key': '' } }),
  ],
];

describe('the service', () => {
  it.each([...wrongAddresses, ...wrongBodies])(
    'answers %s with %i %s, and writes nothing',
    async (_, status, code, path, options) => {
      const before = await service.rows();

      const answer = await client.request(path(), { token: alice.token, ...options() });

      const type = answer.headers.get('content-type');
      expect([answer.status, type?.split(';')[0]]).toEqual([status, 'application/problem+json']);
      expect(await answer.json()).toMatchObject({
        type: `urn:musubi:problem:${code}`,
        status,
        detail: expect.stringMatching(/\w/),
        retryable: false,
      });
      expect(await service.rows()).toBe(before);
    },
  );
});
