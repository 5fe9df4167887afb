import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

/** Alternately from one and the other; the third agent writes once in between. */
const TEXTS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService();
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('pages on %s', (strategy) => {
  let alice: Agent;
  let bob: Agent;
  let carol: Agent;
  let ids: string[];

  const page = (query: string, { token } = alice) =>
    client.get('messages', `/v1/strategies/${strategy}/messages?${query}`, { token });
  const conversations = (query = '') =>
    client.get('conversations', `/v1/strategies/${strategy}/conversations?${query}`, alice);
  const textsOf = ({ items }: Awaited<ReturnType<typeof page>>) => items.map(({ payload }) => payload.text);

  beforeAll(async () => {
    [alice, bob, carol] = [
      await client.newAgent('alice'),
      await client.newAgent('bob'),
      await client.newAgent('carol'),
    ];
    ids = [];
    for (const [index, text] of TEXTS.entries()) {
      const [from, to] = index % 2 === 0 ? [alice, bob] : [bob, alice];
      ids.push((await client.deliver(strategy, from, to, { text })).id);
      if (text === 'four') await client.deliver(strategy, carol, alice, { text: 'aside' });
    }
  });

  it('lead from the latest message to the first by `next`, each message once', async () => {
    const seen: string[][] = [];
    for (let next: string | null = ''; next !== null;) {
      const { items, next: following } = await page(`limit=3${next === '' ? '' : `&before=${next}`}`);
      seen.push(items.map(({ payload }) => payload.text));
      next = following;
    }

    expect(seen).toEqual([
      ['seven', 'six', 'five'],
      ['aside', 'four', 'three'],
      ['two', 'one'],
    ]);
  });

  it('lead back by `prev` to the very pages that `next` came from', async () => {
    const first = await page('limit=3');
    const second = await page(`limit=3&before=${first.next ?? ''}`);

    expect((await page(`limit=3&after=${second.prev ?? ''}`)).items).toEqual(first.items);
  });

  it('begin with one that has no `prev`', async () => {
    expect((await page('limit=3')).prev).toBeNull();
  });

  it('hold the messages of one conversation when `with` names the peer', async () => {
    expect(textsOf(await page(`with=${bob.agent}`))).toEqual([...TEXTS].reverse());
  });

  it('are empty `with` an agent that never wrote', async () => {
    const stranger = await client.newAgent('stranger');

    expect(await page(`with=${stranger.agent}`)).toMatchObject({ items: [], next: null });
  });

  it('are empty for an agent that never wrote', async () => {
    const stranger = await client.newAgent('stranger');

    expect(await page('', stranger)).toMatchObject({ items: [], next: null });
  });

  it('stand `around` a message with as many older as newer ones', async () => {
    const around = await page(`with=${bob.agent}&around=${ids[3] ?? ''}&limit=3`);

    expect(textsOf(around)).toEqual(['five', 'four', 'three']);
  });

  it('hold the messages `on` the day they were sent', async () => {
    const { sentAt } = await client.get('message', `/v1/strategies/${strategy}/messages/${ids[0] ?? ''}`, {
      token: alice.token,
    });

    expect(textsOf(await page(`on=${sentAt.slice(0, 10)}`))).toContain('one');
  });

  it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu'])('hold a day of %s', async (zone) => {
    const { sentAt } = await client.get('message', `/v1/strategies/${strategy}/messages/${ids[0] ?? ''}`, {
      token: alice.token,
    });
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(Date.parse(sentAt));
    const dayBefore = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);

    expect(textsOf(await page(`on=${day}&zone=${zone}`))).toContain('one');
    expect(textsOf(await page(`on=${dayBefore}&zone=${zone}`))).not.toContain('one');
  });

  it.each(['1970-01-01', '2001-09-09', '2254-12-31'])('are empty `on` %s', async (day) => {
    expect((await page(`on=${day}`)).items).toEqual([]);
  });

  it('begin with the same messages for both conversants', async () => {
    const query = (peer: Agent): string => `limit=7&with=${peer.agent}`;

    const [seen, sent] = [await page(query(alice), bob), await page(query(bob))];
    // What is unread for the one is not so for the other.
    expect(seen.items).toEqual(sent.items.map((message) => ({ ...message, unread: !message.unread })));
  });

  it('show nothing of the other placements', async () => {
    const others = STRATEGY_NAMES.filter((name) => name !== strategy);
    const answers = await Promise.all(
      others.map((name) =>
        client.request(`/v1/strategies/${name}/messages/${ids[0] ?? ''}`, { token: alice.token }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('of conversations walk from the latest to the first', async () => {
    await client.deliver(strategy, bob, alice, { text: 'eight' });
    const first = await conversations('limit=1');
    const second = await conversations(`limit=1&before=${first.next ?? ''}`);

    expect([...first.items, ...second.items].map(({ peer }) => peer)).toEqual([bob.agent, carol.agent]);
    expect(second.next).toBeNull();
  });

  it('of conversations count what is unread, until it is read', async () => {
    const { items } = await page(`with=${carol.agent}`);
    const body = { status: 'read', messages: items.map(({ id }) => id) };
    const unread = async () => (await conversations()).items.find(({ peer }) => peer === carol.agent)?.unread;
    const before = await unread();

    await client.get('receipts', `/v1/strategies/${strategy}/receipts`, { token: alice.token, body });

    expect([before, await unread()]).toEqual([items.length, 0]);
  });
});
