import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from './support/client.js';
import { problemOf } from './support/file-client.js';
import { type TestService, openService } from './support/open-service.js';
import { PASSPHRASE, statusOf } from './support/session-client.js';

let service: TestService;
let client: Client;

beforeAll(async () => {
  // Of these one may be wrong for each agent.
  service = await openService({ SIGN_INS_PER_MINUTE: '6' });
  client = new Client(service.url);
});

afterAll(() => service.close());

it('counts a deletion with a wrong passphrase as a wrong sign-in', async () => {
  const alice = await client.newAgent('alice', PASSPHRASE);
  const remove = (passphrase: string): Promise<Response> =>
    client.request(`/v1/agents/${alice.agent}/deletion`, { token: alice.token, body: { passphrase } });

  expect(await problemOf(await remove('another horse staple'))).toEqual([401, 'unauthenticated', undefined]);

  expect(await problemOf(await remove(PASSPHRASE))).toEqual([429, 'rate-limited', undefined]);
  const signIn = await client.request('/v1/sessions', {
    body: { agent: alice.agent, passphrase: PASSPHRASE },
  });
  expect(await problemOf(signIn)).toEqual([429, 'rate-limited', undefined]);
  expect(await statusOf(client, alice)).toBe(200);
});
