import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

describe('a repeated request to send within the clone limit', () => {
  const strategy = 'pairwise-dht';
  let service: TestService;
  let client: Client;

  beforeAll(async () => {
    service = await openService({ CLONE_LIMIT: '3' });
    client = new Client(service.url);
  });

  afterAll(() => service.close());

  const under = (key: string) => ({ headers: { 'idempotency-key': key } });
  const change = (agent: Agent, peer: Agent, enabled: boolean): Promise<Response> =>
    client.request(`/v1/clones/${peer.agent}`, { token: agent.token, method: 'PUT', body: { enabled } });

  const make = (): Promise<Agent> => client.newAgent('agent');
  const fiveAgents = async () =>
    [await make(), await make(), await make(), await make(), await make()] as const;

  it('is answered when the clone was switched off and the limit is reached', async () => {
    const [alice, first, ...others] = await fiveAgents();
    const sent = await client.deliver(strategy, alice, first, under('limit'));
    await change(alice, first, false);
    for (const peer of others) await client.send(strategy, alice, peer);

    expect(await client.send(strategy, alice, first, under('limit'))).toEqual(sent);
  });

  it('is a first one when the limit refused the one before it', async () => {
    const [alice, first, fourth, ...others] = await fiveAgents();
    for (const peer of [first, ...others]) await client.send(strategy, alice, peer);
    const body = { to: fourth.agent, payload: { type: 'text', text: 'no room' } };
    const path = `/v1/strategies/${strategy}/messages`;
    const refused = await client.get('problem', path, {
      token: alice.token,
      body,
      headers: under('room').headers,
      status: 409,
    });
    await change(alice, first, false);

    const sent = await client.send(strategy, alice, fourth, { ...under('room'), text: 'room' });

    expect([refused.type, sent.payload.text]).toEqual(['urn:musubi:problem:clone-limit-reached', 'room']);
  });
});
