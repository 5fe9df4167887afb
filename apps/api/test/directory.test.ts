import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe('the directory', () => {
  it('pages agents by the beginning of their nicknames', async () => {
    const me = await client.newAgent('zoe');
    for (const nickname of ['Zora', 'zola', 'zoot']) await client.newAgent(nickname);

    const first = await client.get('directory', '/v1/agents?search=ZO&limit=3', { token: me.token });
    const second = await client.get('directory', `/v1/agents?search=ZO&limit=3&after=${first.next ?? ''}`, {
      token: me.token,
    });

    const names = [...first.items, ...second.items].map(({ nickname }) => nickname);
    expect([...names].sort()).toEqual(['Zora', 'zoe', 'zola', 'zoot']);
    expect(second.next).toBeNull();
  });
});

describe('the documentation', () => {
  it('describes every call', async () => {
    const document: unknown = await (await client.request('/openapi.json')).json();

    expect(Object.keys((document as { paths: object }).paths)).toEqual(
      expect.arrayContaining([
        '/v1/agents',
        '/v1/sessions',
        '/v1/strategies/{strategy}/messages',
        '/v1/strategies/{strategy}/receipts',
        '/v1/signals',
        '/health/ready',
      ]),
    );
    expect(JSON.stringify(document)).toContain('"replyTo"');
  });

  it('is a page', async () => {
    const page = await client.request('/docs');

    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
  });
});
