import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client, type RequestOptions } from './support/client.js';
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

const message = (): string => JSON.stringify({ to: bob.agent, payload: { type: 'text', text: 'hi' } });

describe('a body', () => {
  it.each<[string, () => RequestOptions]>([
    ['of another type', () => ({ body: 'x', headers: { 'content-type': 'text/plain' } })],
    ['of a form', () => ({ body: 'to=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
    [
      'in another charset',
      () => ({ body: message(), headers: { 'content-type': 'application/json; charset=iso-8859-1' } }),
    ],
    [
      'in UTF-16',
      () => ({ body: message(), headers: { 'content-type': 'application/json;charset="UTF-16"' } }),
    ],
    ['that is compressed', () => ({ body: gzipSync(message()), headers: { 'content-encoding': 'gzip' } })],
  ])('%s is refused with 415', async (_, options) => {
    const answer = await client.request(MESSAGES, { token: alice.token, ...options() });

    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ type: 'urn:musubi:problem:unsupported-media-type' });
  });

  it.each([
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('of type %s is taken', async (type) => {
    const options = {
      token: alice.token,
      body: message(),
      headers: { 'content-type': type, 'content-encoding': 'identity' },
    };

    expect((await client.request(MESSAGES, options)).status).toBe(201);
  });

  it.each([
    ['{"nickname":"a","nickname":"b"}'],
    ['{"nickname":"a","nick\\u006eame":"b"}'],
    ['{"nickname":"\\"{","x":[{"a":1},{"a":2,"b":[],"a":3}]}'],
  ])('with a member twice is refused: %s', async (body) => {
    await service.untilCarried();
    const before = await service.rows();

    const problem = await client.get('problem', '/v1/agents', { body, status: 400 });

    expect([problem.type, await service.rows()]).toEqual(['urn:musubi:problem:malformed', before]);
  });

  it('with equal members of different objects is taken', async () => {
    const body = '{"to":"x","payload":{"to":"x","list":[{"to":1},{"to":1}]}}';

    expect((await client.request(MESSAGES, { token: alice.token, body })).status).toBe(422);
  });

  it.each([
    ['with more members than any call takes', Array.from({ length: 40_000 }, (_, index) => `"${index}":1`)],
    ['with many members that nobody knows', Array.from({ length: 1999 }, (_, index) => `"${index}":1`)],
    ['with a member that has a long name', [`"${'x'.repeat(390_000)}":1`]],
  ])('%s is refused in few words', async (_, members) => {
    const body = `{${members.join(',')}}`;

    const answer = await client.request(MESSAGES, { token: alice.token, body });

    expect(answer.status).toBe(422);
    expect((await answer.text()).length).toBeLessThan(2000);
  });
});

describe('an empty body that is announced as JSON', () => {
  const headers = { 'content-type': 'application/json' };

  it.each([
    ['POST', 'retry', 200],
    ['DELETE', '', 204],
  ])('is taken by %s …/messages/{id}/%s, which needs none', async (method, tail, status) => {
    const { id } = await client.send('source-chain', alice, bob);
    const path = `${MESSAGES}/${id}${tail === '' ? '' : `/${tail}`}`;

    expect((await client.request(path, { token: alice.token, method, headers })).status).toBe(status);
  });

  it('is taken when signing out', async () => {
    const carol = await client.newAgent('carol');

    const answer = await client.request('/v1/sessions/current', {
      token: carol.token,
      method: 'DELETE',
      headers,
    });

    expect(answer.status).toBe(204);
  });

  it('is refused where a body is needed', async () => {
    const answer = await client.request(MESSAGES, { token: alice.token, method: 'POST', headers });

    expect(answer.status).toBe(400);
  });
});
