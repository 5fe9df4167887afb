import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type Agent, Client, type RequestOptions } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const MAX_TEXT_BYTES = 65_536;

let service: TestService;
let client: Client;
let alice: Agent;
let bob: Agent;
let mallory: Agent;
let foreign: string;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
  alice = await client.newAgent('alice');
  bob = await client.newAgent('bob');
  mallory = await client.newAgent('mallory');
  foreign = (await client.deliver('source-chain', alice, bob)).id;
  await client.deliver('source-chain', mallory, bob);
});

afterAll(() => service.close());

const MESSAGES = '/v1/strategies/source-chain/messages';
const random = (): string => toBase64Url(randomBytes(32));
const message = (text: unknown, to: unknown = bob.agent): object => ({ to, payload: { type: 'text', text } });
const cursorWith = (change: (cursor: string) => string) => async (): Promise<string> => {
  for (let index = 0; index < 2; index += 1) await client.deliver('source-chain', alice, bob);
  const { next } = await client.get('messages', `${MESSAGES}?limit=1`, { token: alice.token });
  return `${MESSAGES}?before=${change(next ?? '')}`;
};

type Wrong = readonly [string, number, string, () => string | Promise<string>, () => RequestOptions];

const wrongBodies: readonly Wrong[] = [
  ['malformed JSON', 400, 'malformed', () => MESSAGES, () => ({ body: '{"to":' })],
  ['a body that is no UTF-8', 400, 'malformed', () => MESSAGES, () => ({ body: invalidUtf8() })],
  ['an empty body', 400, 'malformed', () => MESSAGES, () => ({ body: '' })],
  [
    'a body of another type',
    415,
    'unsupported-media-type',
    () => MESSAGES,
    () => ({ body: 'to=x', headers: { 'content-type': 'text/csv' } }),
  ],
  ['a body that is no object', 422, 'invalid', () => MESSAGES, () => ({ body: '[]' })],
  ['a body with __proto__', 400, 'malformed', () => MESSAGES, () => ({ body: '{"__proto__":{}}' })],
  [
    'a field that nobody knows',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: { ...message('hi'), extra: 1 } }),
  ],
  [
    'an unknown strategy',
    404,
    'unknown-strategy',
    () => '/v1/strategies/carrier-pigeon/messages',
    () => ({ body: message('hi') }),
  ],
  [
    'an unknown recipient',
    422,
    'unknown-recipient',
    () => MESSAGES,
    () => ({ body: message('hi', random()) }),
  ],
  ['a recipient that is no key', 422, 'invalid', () => MESSAGES, () => ({ body: message('hi', 'bob') })],
  ['an empty text', 422, 'invalid', () => MESSAGES, () => ({ body: message('') })],
  ['a text that is no text', 422, 'invalid', () => MESSAGES, () => ({ body: message(7) })],
  [
    'a text one byte too long',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: message('a'.repeat(MAX_TEXT_BYTES + 1)) }),
  ],
  [
    'a text too long in bytes, not in characters',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: message('ü'.repeat(MAX_TEXT_BYTES / 2 + 1)) }),
  ],
  [
    'a lone surrogate',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: `{"to":"${bob.agent}","payload":{"type":"text","text":"\\ud800"}}` }),
  ],
  [
    'a body beyond all bounds',
    413,
    'payload-too-large',
    () => MESSAGES,
    () => ({ body: message('a'.repeat(500_000)) }),
  ],
  [
    'a reply to a message of others',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: { ...message('hi'), replyTo: foreign } }),
  ],
  [
    'a reply to no message',
    422,
    'invalid',
    () => MESSAGES,
    () => ({ body: { ...message('hi'), replyTo: random() } }),
  ],
  [
    'an Idempotency-Key with a space',
    400,
    'malformed',
    () => MESSAGES,
    () => ({ body: message('hi'), headers: { 'idempotency-key': 'a b' } }),
  ],
  [
    'a receipt for a message of others',
    404,
    'message-not-found',
    () => '/v1/strategies/source-chain/receipts',
    () => ({ body: { status: 'read', messages: [foreign] } }),
  ],
  [
    'a receipt of an unknown status',
    422,
    'invalid',
    () => '/v1/strategies/source-chain/receipts',
    () => ({ body: { status: 'eaten', messages: [foreign] } }),
  ],
];

const wrongReads: readonly Wrong[] = [
  ["another agent's message id", 404, 'message-not-found', () => `${MESSAGES}/${foreign}`, () => ({})],
  ['an id of no message', 404, 'message-not-found', () => `${MESSAGES}/${random()}`, () => ({})],
  ['an id that is none', 422, 'invalid', () => `${MESSAGES}/nonsense`, () => ({})],
  ['an unknown path', 404, 'not-found', () => '/v1/nowhere', () => ({})],
  ['an agent that there is not', 404, 'unknown-agent', () => `/v1/agents/${random()}`, () => ({})],
  ['two places for one page', 422, 'invalid', () => `${MESSAGES}?before=a&after=b`, () => ({})],
  ['a page of no messages', 422, 'invalid', () => `${MESSAGES}?limit=0`, () => ({})],
  ['a page too large', 422, 'invalid', () => `${MESSAGES}?limit=201`, () => ({})],
  ['a limit that is no number', 422, 'invalid', () => `${MESSAGES}?limit=abc`, () => ({})],
  ['a day that there is not', 422, 'invalid', () => `${MESSAGES}?on=2026-02-30`, () => ({})],
  ['a cursor that is none', 422, 'invalid-cursor', () => `${MESSAGES}?before=nonsense`, () => ({})],
  ['an empty cursor', 422, 'invalid-cursor', () => `${MESSAGES}?before=`, () => ({})],
  ["another agent's cursor", 422, 'invalid-cursor', cursorWith((cursor) => cursor), () => ({})],
  ['no token', 401, 'unauthenticated', () => MESSAGES, () => ({ headers: { authorization: '' } })],
  [
    'a wrong token',
    401,
    'unauthenticated',
    () => MESSAGES,
    () => ({ headers: { authorization: `Bearer ${random()}` } }),
  ],
  [
    'a token of another kind',
    401,
    'unauthenticated',
    () => MESSAGES,
    () => ({ headers: { authorization: 'Basic abc' } }),
  ],
];

function invalidUtf8(): Uint8Array {
  const json = Buffer.from(JSON.stringify(message('hi?')));
  json[json.indexOf('?')] = 0xff;
  return json;
}

describe('the service', () => {
  it.each([...wrongBodies, ...wrongReads])(
    'answers %s with %i %s, and writes nothing',
    async (_, status, code, path, options) => {
      const target = await path();
      await service.untilCarried();
      const before = await service.rows();

      const response = await client.request(target, { token: mallory.token, ...options() });

      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await response.json()).toMatchObject({
        type: `urn:musubi:problem:${code}`,
        status,
        title: expect.any(String),
        detail: expect.stringMatching(/\w/),
        retryable: false,
      });
      expect(response.status).toBe(status);
      expect(await service.rows()).toBe(before);
    },
  );
});
