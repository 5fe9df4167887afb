import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

let service: TestService;
let client: Client;

beforeAll(async () => {
  service = await openService({ FIRST_CONTACTS_PER_DAY: '2', TRUSTED_PROXIES: '127.0.0.0/8' });
  client = new Client(service.url);
});

afterAll(() => service.close());

describe.each(STRATEGY_NAMES)('first messages on %s', (strategy) => {
  const path = `/v1/strategies/${strategy}/messages`;
  const statusOf = async (from: Agent, to: Agent, address: string): Promise<number> => {
    const body = { to: to.agent, payload: { type: 'text', text: 'hello' } };
    const headers = { 'x-forwarded-for': address };
    return (await client.request(path, { token: from.token, body, headers })).status;
  };

  it('are bounded for each network, whatever agents it makes; answers and further messages are not', async () => {
    const victim = await client.newAgent('victim');
    const strangers = [
      await client.newAgent('one'),
      await client.newAgent('two'),
      await client.newAgent('three'),
    ];
    const [one = victim, two = victim, three = victim] = strangers;
    const here = `192.0.2.${STRATEGY_NAMES.indexOf(strategy) + 1}`;

    const headers = { 'x-forwarded-for': here };
    for (const stranger of [one, two]) await client.deliver(strategy, stranger, victim, { headers });
    await service.untilCarried();
    const before = await service.rows();
    expect(await statusOf(three, victim, here)).toBe(429);
    expect(await service.rows()).toBe(before);

    expect([await statusOf(one, victim, here), await statusOf(victim, two, here)]).toEqual([201, 201]);
    expect(await statusOf(three, three, here)).toBe(201);
    expect(await statusOf(three, victim, `198.51.100.${STRATEGY_NAMES.indexOf(strategy) + 1}`)).toBe(201);
  });
});
