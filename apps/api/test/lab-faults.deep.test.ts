import { afterEach, describe, expect, it } from '@jest/globals';
import { type Agent, Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const FAULTS = '/v1/lab/faults';
const BRINGS = 'source-chain/receive_message';

const services: TestService[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

async function open(environment: Readonly<Record<string, string>>): Promise<TestService> {
  const service = await openService(environment);
  services.push(service);
  return service;
}

interface Lab {
  readonly service: TestService;
  readonly client: Client;
  readonly alice: Agent;
  readonly bob: Agent;
  readonly suffer: (plan: object) => Promise<void>;
}

async function openLab(): Promise<Lab> {
  const service = await open({ LAB: '1' });
  const client = new Client(service.url);
  const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
  const suffer = async (plan: object): Promise<void> => {
    expect((await client.request(FAULTS, { method: 'PUT', body: plan })).status).toBe(204);
  };
  return { service, client, alice, bob, suffer };
}

describe('the fault plan of the lab', () => {
  it('does not exist without LAB=1', async () => {
    const client = new Client((await open({})).url);

    const answer = await client.request(FAULTS, { method: 'PUT', body: {} });
    const openApi = await (await client.request('/openapi.json')).text();

    expect([answer.status, openApi.includes(FAULTS)]).toEqual([404, false]);
  });

  it('loses a reply: the message is saved, and a retry only confirms it', async () => {
    const { client, alice, bob, suffer } = await openLab();
    await suffer({ network: [{ fault: { kind: 'reply-lost' }, fn: BRINGS, to: bob.agent, times: 1 }] });

    // The answers come when their attempts have ended.
    const headers = { prefer: 'wait=30' };
    const sent = await client.send('source-chain', alice, bob, { headers });
    const path = `/v1/strategies/source-chain/messages/${sent.id}`;
    const retried = await client.get('message', `${path}/retry`, {
      token: alice.token,
      method: 'POST',
      headers,
      status: 200,
    });
    const held = await client.get('messages', '/v1/strategies/source-chain/messages', { token: bob.token });

    expect([sent.status, sent.delivery?.lastError]).toEqual(['saved', 'remote-call-unknown']);
    expect([retried.status, held.items.length]).toEqual(['delivered', 1]);
  });

  it('fails a commit: the caller is told, and nothing is written', async () => {
    const { service, client, alice, bob, suffer } = await openLab();
    await suffer({ commits: [{ fault: { kind: 'commit-fails' }, step: 'save', agent: alice.agent }] });
    await client.request('/v1/strategies');
    const before = await service.rows();

    const body = { to: bob.agent, payload: { type: 'text', text: 'hello' } };
    const path = '/v1/strategies/source-chain/messages';
    const problem = await client.get('problem', path, { token: alice.token, body, status: 500 });

    expect([problem.type, await service.rows()]).toEqual(['urn:musubi:problem:internal', before]);
  });

  it('kills the process right after a commit', async () => {
    const { service, client, alice, bob, suffer } = await openLab();
    await suffer({ commits: [{ fault: { kind: 'crash-after' }, step: 'save' }] });

    await expect(client.send('source-chain', alice, bob)).rejects.toThrow();

    const saved = await service.database.dataSource.query<object[]>('select 1 from outbox');
    expect([await service.ended, saved.length]).toEqual([null, 1]);
  });

  it('refuses what is no plan, by its path', async () => {
    const client = new Client((await open({ LAB: '1' })).url);
    const pathOf = async (body: object): Promise<string | undefined> => {
      const { errors } = await client.get('problem', FAULTS, { method: 'PUT', body, status: 422 });
      return errors?.[0]?.path;
    };

    expect(await pathOf({ network: [{ fault: { kind: 'gremlins' } }] })).toBe('network.0.fault.kind');
    expect(await pathOf({ commits: [{ fault: { kind: 'commit-fails' }, times: 0 }] })).toBe(
      'commits.0.times',
    );
    expect(await pathOf({ network: [{ fault: { kind: 'delay', ms: 1e9 } }] })).toBe('network.0.fault.ms');
    expect(await pathOf({ surprise: true })).toBe('');
  });
});
