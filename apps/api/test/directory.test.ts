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

describe('a nickname', () => {
  it('is found however it is typed', async () => {
    const { agent, token } = await client.newAgent('  Ju\u0308rgen\u00a0 M\u00fcller ');

    for (const typed of [
      'J\u00dcRGEN m',
      'ju\u0308rgen mu\u0308ller',
      '\uff2a\u00fcrgen',
      'j\u00fcrgen\u3000',
    ]) {
      const path = `/v1/agents?search=${encodeURIComponent(typed)}`;
      const { items } = await client.get('directory', path, { token });
      expect(items).toEqual([{ agent, nickname: 'J\u00fcrgen M\u00fcller', online: true }]);
    }
  });

  it.each([
    ['a line feed', 'a\nb'],
    ['a bidi override', 'a\u202eb'],
    ['zero width characters only', '\u200b\u200d'],
    ['blanks only', '\u3000 '],
    ['a control character', 'a\u0007'],
    ['more than 64 characters once it is normalized', '\ufdfa'.repeat(8)],
    ['more than 192 bytes', '\u{1f600}'.repeat(32) + '\u4e00'.repeat(22)],
  ])('with %s is refused, and says where', async (_, nickname) => {
    const { errors } = await client.get('problem', '/v1/agents', { body: { nickname }, status: 422 });

    expect(errors?.map(({ path }) => path)).toContain('nickname');
  });
});

describe('a passphrase', () => {
  it('opens the keys however it is typed', async () => {
    const { agent } = await client.newAgent('dora', 'Zu\u0308rich am See');

    const token = await client.get('token', '/v1/sessions', {
      body: { agent, passphrase: 'Z\u00fcrich\u00a0am See' },
    });

    expect(token.token).not.toBe('');
  });

  it.each([
    ['a line feed', 'correct\nhorse'],
    ['fewer than 8 characters once it is normalized', 'u\u0308u\u0308u\u0308u\u0308'],
    ['more than 2048 bytes', '\u4e00'.repeat(700)],
  ])('with %s is refused, and says where', async (_, passphrase) => {
    const body = { nickname: 'x', passphrase };

    const { errors } = await client.get('problem', '/v1/agents', { body, status: 422 });

    expect(errors?.map(({ path }) => path)).toContain('passphrase');
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
