import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

/** Six bytes of JSON for each of its characters. */
const LARGEST = '\u0001'.repeat(65_536);
const MESSAGES = 6;
/** A page's payloads, and what stands around two of them. */
const MAX_ANSWER_BYTES = 1_048_576 + 8192;

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('pages of the largest messages on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}`;
  let alice: Agent;
  const ids: string[] = [];

  const answer = async (
    query: string,
  ): Promise<{ bytes: number; ids: readonly string[]; next: string | null }> => {
    const response = await client.request(`${path}/messages?limit=200${query}`, { token: alice.token });
    const text = await response.text();
    const page = JSON.parse(text) as { items: { id: string }[]; next: string | null };
    return { bytes: text.length, ids: page.items.map(({ id }) => id), next: page.next };
  };

  beforeAll(async () => {
    alice = await client.newAgent('alice');
    for (let index = 0; index < MESSAGES; index += 1) {
      ids.unshift((await client.send(strategy, alice, alice, { text: LARGEST })).id);
    }
  });

  it('are bounded in bytes, and together are all there is', async () => {
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: Awaited<ReturnType<typeof answer>> = await answer(next === '' ? '' : `&before=${next}`);
      expect(page.bytes).toBeLessThan(MAX_ANSWER_BYTES);
      expect(page.ids.length).toBeGreaterThan(0);
      seen.push(...page.ids);
      next = page.next;
    }

    expect(seen).toEqual(ids);
  });

  it('around a message and of a day are bounded as well', async () => {
    const day = new Date().toISOString().slice(0, 10);

    const around = await answer(`&around=${ids[3] ?? ''}`);
    const on = await answer(`&on=${day}`);

    expect(Math.max(around.bytes, on.bytes)).toBeLessThan(MAX_ANSWER_BYTES);
    expect(around.ids).toContain(ids[3]);
  });
});

describe('pages of changes', () => {
  it('are bounded in bytes, and together are all there is', async () => {
    const alice = await client.newAgent('alice');
    const ids: string[] = [];
    for (let index = 0; index < MESSAGES; index += 1) {
      ids.push((await client.send('source-chain', alice, alice, { text: LARGEST })).id);
    }

    const seen: string[] = [];
    for (let since = ''; seen.length < MESSAGES;) {
      const response = await client.request(`/v1/changes?limit=200${since}`, { token: alice.token });
      const text = await response.text();
      const page = JSON.parse(text) as { items: { message: { id: string } }[]; next: string };
      expect(text.length).toBeLessThan(MAX_ANSWER_BYTES);
      expect(page.items.length).toBeGreaterThan(0);
      seen.push(...page.items.map(({ message }) => message.id));
      since = `&since=${page.next}`;
    }

    expect(seen).toEqual(ids);
  });
});

describe('a page of messages on their way', () => {
  it('asks once for all of them what is pending', async () => {
    const bob = await client.newAgent('bob', 'correct horse battery staple');
    const alice = await client.newAgent('alice');
    await client.request('/v1/sessions/current', { token: bob.token, method: 'DELETE' });
    const headers = { prefer: 'respond-async' };
    for (let index = 0; index < 20; index += 1) await client.send('source-chain', alice, bob, { headers });

    const { items } = await client.get('messages', '/v1/strategies/source-chain/messages?limit=200', {
      token: alice.token,
    });

    expect(items).toHaveLength(20);
    for (const { status, delivery } of items) expect([status, delivery?.step]).toEqual(['saved', 'send']);
  });
});
