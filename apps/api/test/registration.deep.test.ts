import { request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Registration } from '../src/agents/registration.js';
import { isLoopback } from '../src/config/loopback.js';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';

const TOKEN = 'a registration token';
const AGENTS = '/v1/agents';
const ON_LAB = '/v1/lab/comparisons';

let service: TestService | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
});

async function open(environment: Readonly<Record<string, string>>): Promise<Client> {
  service = await openService(environment);
  return new Client(service.url);
}

describe('registration', () => {
  it('that is closed takes nobody, and writes nothing', async () => {
    const client = await open({ REGISTRATION: 'closed' });
    const before = await service?.rows();

    const problem = await client.get('problem', AGENTS, { body: { nickname: 'alice' }, status: 403 });

    expect([problem.type, problem.retryable]).toEqual(['urn:musubi:problem:registration-closed', false]);
    expect(await service?.rows()).toBe(before);
  });

  it('by token takes callers who have it, and nobody else', async () => {
    const client = await open({ REGISTRATION: 'token', REGISTRATION_TOKEN: TOKEN });
    const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await client.request(AGENTS, { body: { nickname: 'alice' }, headers })).status;

    expect(await statusWith({})).toBe(403);
    expect(await statusWith({ 'registration-token': `${TOKEN}!` })).toBe(403);
    expect(await statusWith({ 'registration-token': TOKEN })).toBe(201);
    expect(service?.log()).not.toContain(TOKEN);
  });

  it('takes so many agents of an address in a day, and repeats of what it took', async () => {
    const client = await open({ AGENTS_PER_DAY: '2' });
    const headers = { 'idempotency-key': 'a key of some twenty-two characters'.replaceAll(' ', '-') };
    const body = { nickname: 'alice' };
    const first = await client.get('agent', AGENTS, { body, headers });
    await client.newAgent('bob');

    const refused = await client.request(AGENTS, { body: { nickname: 'carol' } });

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(80_000);
    expect((await client.get('agent', AGENTS, { body, headers })).agent).toBe(first.agent);
  });

  it('does not count what could not be made', async () => {
    const settings = { agentsPerDay: 1, registration: 'open', registrationToken: undefined } as const;
    const registration = new Registration(settings);
    const who = { address: '192.0.2.1', registrationToken: undefined };
    const fails = registration.admit(who, () => Promise.reject(new Error('not made')));
    await expect(fails).rejects.toThrow('not made');

    expect(await registration.admit(who, () => Promise.resolve('made'))).toBe('made');
    await expect(registration.admit(who, () => Promise.resolve('made'))).rejects.toThrow('Too many');
    const other = { ...who, address: '192.0.2.2' };
    expect(await registration.admit(other, () => Promise.resolve('made'))).toBe('made');
  });
});

/** With a Host header of its own, which `fetch` does not send. */
function statusWithHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}${ON_LAB}`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the lab', () => {
  it('answers those alone who name this machine', async () => {
    const { url } = await open({ LAB: '1' });

    for (const host of ['127.0.0.1:3000', 'localhost', 'localhost:3000', '[::1]:3000', '127.9.9.9']) {
      expect([host, await statusWithHost(url, host)]).toEqual([host, 200]);
    }
    for (const host of [
      'rebound.example',
      'rebound.example:3000',
      '192.0.2.1',
      'localhost.example',
      '[::2]',
    ]) {
      expect([host, await statusWithHost(url, host)]).toEqual([host, 403]);
    }
  });

  it('is no matter of hosts where there is none', async () => {
    const { url } = await open({});

    expect(await statusWithHost(url, 'musubi.example')).toBe(404);
  });
});

describe('a loopback host', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['LOCALHOST.', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.0.2.1', false],
    ['musubi.example', false],
    ['127.0.0.1.example', false],
  ])('%s: %p', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
