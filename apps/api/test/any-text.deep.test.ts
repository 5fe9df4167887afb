import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import fc from 'fast-check';
import { anyText } from '../../../test/support/any-text.js';
import { until } from '../../../test/support/until.js';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { type SignalsReader, openSignals } from './support/signals.js';

const TEXTS = 12;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('any well-formed text on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  let alice: Agent;
  let bob: Agent;
  let texts: readonly string[];
  let signals: SignalsReader;

  const textsSeenBy = async ({ token }: Agent, query = ''): Promise<readonly string[]> => {
    const { items } = await client.get('messages', `${path}/messages?limit=200${query}`, { token });
    return items.map(({ payload }) => payload.text).reverse();
  };

  beforeAll(async () => {
    [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    signals = await openSignals(service.url, bob);
    texts = ['\uFEFF', '\uFEFFhello', ...fc.sample(anyText({ minLength: 1 }), TEXTS)];
    for (const text of texts) await client.deliver(strategy, alice, bob, { text });
  });

  afterAll(() => signals.close());

  it('is listed as it was written, at its author and at its recipient', async () => {
    expect(await textsSeenBy(alice)).toEqual(texts);
    expect(await textsSeenBy(bob)).toEqual(texts);
  });

  it('is found, and told by the stream, as it was written', async () => {
    for (const text of texts) {
      const { id } = (await signals.next('message')) as { id: string };
      const { payload } = await client.get('message', `${path}/messages/${id}`, { token: bob.token });
      expect(payload.text).toBe(text);
    }
  });

  it('is the last of a conversation as it was written', async () => {
    const { items } = await client.get('conversations', `${path}/conversations`, { token: bob.token });

    expect(items.map(({ last }) => last.payload.text)).toEqual([texts.at(-1)]);
  });

  it.each(['\\ud800', 'a\\udfff', '\\ufeff\\ud800'])(
    'is what a lone surrogate is not, and nothing is written: %s',
    async (text) => {
      await service.untilCarried();
      const before = await service.rows();
      const body = `{"to":"${bob.agent}","payload":{"type":"text","text":"${text}"}}`;

      const problem = await client.get('problem', `${path}/messages`, {
        token: alice.token,
        body,
        status: 422,
      });

      expect([problem.type, problem.retryable]).toEqual(['urn:musubi:problem:invalid', false]);
      expect(await service.rows()).toBe(before);
    },
  );
});

describe('any nickname', () => {
  it.each([
    ['\uFEFFzz', 'zz'],
    ['e\u0301', '\u00E9'],
    ['\u{1F600}', '\u{1F600}'],
  ])('is found as it was typed, and paged as it is kept: %j', async (nickname, kept) => {
    const first = await client.newAgent(nickname);
    const agents = [first, await client.newAgent(nickname)];
    const { token } = first;
    const query = `/v1/agents?limit=1&search=${encodeURIComponent(nickname)}`;

    const seen: { readonly agent: string; readonly nickname: string }[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page: { items: typeof seen; next: string | null } = await client.get(
        'directory',
        after === '' ? query : `${query}&after=${after}`,
        { token },
      );
      seen.push(...page.items);
      after = page.next;
    }

    const own = seen.filter(({ agent }) => agents.some((made) => made.agent === agent));
    expect(own.map((entry) => entry.nickname)).toEqual([kept, kept]);
  });

  it.each(['a\\u0000', '\\u0000', '\\ud800', '\\ufeff', '\\uffff', '\\udbff\\udfff'])(
    'that nothing can hold or show is refused: %s',
    async (nickname) => {
      const before = await service.rows();

      const problem = await client.get('problem', '/v1/agents', {
        body: `{"nickname":"${nickname}"}`,
        status: 422,
      });

      expect([problem.type, problem.errors?.[0]?.path]).toEqual(['urn:musubi:problem:invalid', 'nickname']);
      expect(await service.rows()).toBe(before);
    },
  );
});

describe.each(STRATEGY_NAMES)('a stored message that cannot be read on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  let alice: Agent;
  let bob: Agent;
  let damaged: string;

  const damage = async (table: string): Promise<void> => {
    await service.database.dataSource.query(
      `update ${table} set sealed = '\\x0000' where holder = decode(replace(replace($1, '-', '+'), '_', '/') || '=', 'base64')`,
      [alice.agent],
    );
  };

  beforeAll(async () => {
    [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    damaged = (await client.deliver(strategy, bob, alice)).id;
    await damage('history');
    await client.deliver(strategy, bob, alice, { text: 'after' });
  });

  it('is counted by the page, which shows all others', async () => {
    const response = await client.request(`${path}/messages`, { token: alice.token });

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ items: [{ payload: { text: 'after' } }], unreadable: 1 });
  });

  it('is moved past by cursors', async () => {
    const first = await client.get('messages', `${path}/messages?limit=1`, { token: alice.token });
    const second = `${path}/messages?limit=1&before=${first.next ?? ''}`;

    expect(await (await client.request(second, { token: alice.token })).json()).toMatchObject({
      items: [],
      next: null,
      unreadable: 1,
    });
  });

  it('is in the middle of a page around it', async () => {
    const { items } = await client.get('messages', `${path}/messages?around=${damaged}`, {
      token: alice.token,
    });

    expect(items.map(({ payload }) => payload.text)).toEqual(['after']);
  });

  it('leaves conversations as they are', async () => {
    const { items } = await client.get('conversations', `${path}/conversations`, { token: alice.token });

    expect(items.map(({ last, unread }) => [last.payload.text, unread])).toEqual([['after', 2]]);
  });

  it('leaves a stream open', async () => {
    const signals = await openSignals(service.url, alice);
    await client.send(strategy, bob, alice, { text: 'next' });

    expect(await signals.next('message')).toMatchObject({ payload: { text: 'next' } });
    await signals.close();
  });

  it('is logged by event, without its text', async () => {
    await until(() => {
      const lines = service.log().split('\n');
      expect(lines.filter((line) => line.includes('message-unreadable')).join()).toContain(strategy);
      return Promise.resolve();
    });
  });

  it('is named when it is asked for, and can be deleted', async () => {
    const message = `${path}/messages/${damaged}`;
    const options = { token: alice.token, status: 410 };

    const { type } = await client.get('problem', message, options);
    expect(type).toBe('urn:musubi:problem:message-unreadable');
    expect((await client.request(message, { token: alice.token, method: 'DELETE' })).status).toBe(204);
    await until(async () => {
      const page = await client.request(`${path}/messages`, { token: alice.token });
      expect(await page.json()).not.toHaveProperty('unreadable');
    });
  });
});
